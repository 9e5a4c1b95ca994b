import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store

/// An audit log with its filters: that of an organization or of an account, which differ in their scope alone.
struct AuditLog {
    let scope: AuditScope
    let place: Screen.Place
    /// The path of the page.
    let path: String
    let view: View

    private static let size = 50
    private static let days: Int64 = 30

    // MARK: What is asked for

    private var since: Timestamp {
        view.query["since"].flatMap { Timestamp(date: $0) } ?? view.now - .seconds(Self.days * 86_400)
    }

    /// The end of the day that was given.
    private var before: Timestamp {
        view.query["before"].flatMap { Timestamp(date: $0) }.map { $0 + .seconds(86_400) } ?? view.now + .seconds(1)
    }

    private var query: AuditQuery {
        let fields: [(name: String, field: AuditCondition.Field)] = [
            ("action", .actionType), ("result", .actionResult), ("actor", .actorEmail), ("type", .resourceType),
            ("resource", .resourceID), ("context", .actorContext),
        ]
        let conditions = fields.compactMap { item -> AuditCondition? in
            guard let value = view.query[item.name]?.trimmed, !value.isEmpty else { return nil }
            return AuditCondition(
                item.field, [item.field == .actorEmail ? value.lowercased() : value], isNegated: false)
        }
        return AuditQuery(scope: scope, since: since, before: before, isDescending: true, conditions: conditions)
    }

    private var position: AuditPosition? {
        let parts = (view.query["after"] ?? "").split(separator: ".").compactMap { Int64($0) }
        guard parts.count == 2 else { return nil }
        return AuditPosition(at: Timestamp(microseconds: parts[0]), position: parts[1])
    }

    // MARK: The list

    func screen(_ reader: any Reading) throws(Failure) -> Screen {
        let rows = try reader.auditRows(query, after: position, limit: Self.size + 1)
        let shown = Array(rows.prefix(Self.size))
        return Screen(
            "Audit log", place, section: "/audit", lead: "Who changed what, from where, and whether it went through.",
            actions: exports
        ) {
            filters
            if shown.isEmpty {
                UI.empty("No row is like that", "Ask for more days, or for less at once.")
            } else {
                UI.table(
                    "Audit log", shown,
                    [
                        Column("When") { UI.time($0.at) },
                        Column("What", isHeader: true) { row in
                            UI.link(
                                "\(row.event.action.rawValue) \(row.event.resource.kind.title)",
                                "\(path)/\(row.id.uuid)")
                            if !row.isSuccess { UI.badge("refused", .bad) }
                        },
                        Column("Where") { row in
                            if let account = row.event.account {
                                UI.link(row.accountName ?? account.hex, "/accounts/\(account.hex)")
                            } else {
                                "Organization"
                            }
                        }, Column("Who") { $0.who }, Column("From") { $0.request.address },
                    ])
                if rows.count > Self.size, let last = shown.last { older(than: last) }
            }
        }
    }

    @MarkupBuilder private var exports: Markup {
        for format in [AuditExport.Format.csv, .ndjson] {
            UI.button("Export as \(format.rawValue.uppercased())", exportPath(format))
        }
    }

    private func exportPath(_ format: AuditExport.Format) -> String {
        var query = QueryString(items: view.query.items.filter { $0.name != "after" })
        query.append("format", format.rawValue)
        return "\(path)/export?\(query.text)"
    }

    private func older(than row: AuditRow) -> Markup {
        var next = QueryString(items: view.query.items.filter { $0.name != "after" })
        next.append("after", "\(row.at.microseconds).\(row.position)")
        return element("nav", ["class": "pager", "aria-label": "Pages"]) {
            UI.button("Older rows", "\(path)?\(next.text)")
        }
    }

    private var filters: Markup {
        element(
            "form", ["class": "filters", "method": "get", "action": path, "role": "search", "aria-label": "Filters"]
        ) {
            date("since", "From", since)
            date("before", "To", before - .seconds(1))
            select(
                "action", "Action",
                [("", "All"), ("create", "Create"), ("update", "Update"), ("delete", "Delete"), ("view", "View")])
            select("result", "Result", [("", "All"), ("success", "Went through"), ("failure", "Refused")])
            select(
                "type", "Kind",
                [("", "All")]
                    + AuditedResource.Kind.allCases.map { (value: $0.rawValue, title: $0.title.capitalized1) })
            text("actor", "By (e-mail address)")
            text("resource", "Resource ID")
            element("button", ["class": "button secondary", "type": "submit"]) { "Filter" }
        }
    }

    private func text(_ name: String, _ label: String) -> Markup {
        element("div", ["class": "field"]) {
            element("label", ["for": "a-\(name)"]) { label }
            element("input", ["id": "a-\(name)", "name": name, "value": view.query[name], "maxlength": 256])
        }
    }

    private func date(_ name: String, _ label: String, _ instant: Timestamp) -> Markup {
        element("div", ["class": "field"]) {
            element("label", ["for": "a-\(name)"]) { label }
            element(
                "input", ["id": "a-\(name)", "name": name, "type": "date", "value": instant.rfc3339().prefix(10)])
        }
    }

    private func select(_ name: String, _ label: String, _ options: [(value: String, title: String)]) -> Markup {
        element("div", ["class": "field"]) {
            element("label", ["for": "a-\(name)"]) { label }
            element("select", ["id": "a-\(name)", "name": name]) {
                for option in options {
                    element(
                        "option", ["value": option.value, "selected": option.value == (view.query[name] ?? "")]
                    ) { option.title }
                }
            }
        }
    }

    // MARK: One row

    /// A row with what it changed, as far as the log knows it.
    func detail(_ id: AuditEventID, _ reader: any Reading) throws(Failure) -> Screen {
        guard let entry = try AuditEntry(id, in: scope, reader) else { return .notFound }
        return Screen(
            entry.title, place, section: "/audit", lead: entry.note,
            parents: [Screen.Crumb(title: "Audit log", path: path)]
        ) { entry.markup }
    }

    // MARK: Export

    /// All rows that the filters let through.
    func export() -> Download {
        AuditExport(query: query, store: view.plane.store, format: view.query["format"] == "ndjson" ? .ndjson : .csv)
            .download
    }
}

extension Actor.Context {
    var title: String {
        switch self {
        case .apiToken, .api: "the REST API"
        case .dash: "the console, or a page of a team"
        case .oauth: "OAuth"
        }
    }
}
