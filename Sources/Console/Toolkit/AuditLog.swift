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
    private static let exported = 10_000
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
        var download = QueryString(items: view.query.items.filter { $0.name != "after" })
        download.append("format", "csv")
        return Screen(
            "Audit log", place, section: "/audit", lead: "Who changed what, from where, and whether it went through.",
            actions: UI.button("Export as CSV", "\(path)/export?\(download.text)")
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

    /// A row with what the resource was like before, as far as the log knows it.
    func detail(_ id: AuditEventID, _ reader: any Reading) throws(Failure) -> Screen {
        guard let row = try reader.auditRow(id, in: scope) else { return .notFound }
        let history = try reader.auditRows(
            AuditQuery(
                scope: scope, since: Timestamp(seconds: 0), before: row.at, isDescending: true,
                conditions: [
                    AuditCondition(.resourceID, [row.event.resource.id], isNegated: false),
                    AuditCondition(.resourceType, [row.event.resource.kind.rawValue], isNegated: false),
                ]), after: nil, limit: 20)
        let before = history.first { $0.isSuccess && $0.event.action != .view && $0.event.response != nil }
        return Screen(
            "\(row.event.action.rawValue.capitalized1) \(row.event.resource.kind.title)", place, section: "/audit",
            lead: row.event.description.isEmpty ? nil : row.event.description.capitalized1,
            parents: [Screen.Crumb(title: "Audit log", path: path)]
        ) {
            UI.facts(
                [
                    ("When", UI.time(row.at)), ("Who", .text(row.who)),
                    (
                        "Credential",
                        .text(
                            row.request.actor.token.map { "API token \($0.name)" } ?? row.request.actor.context.rawValue
                        )
                    ), ("Through", .text(row.request.actor.context.title)), ("From", UI.code(row.request.address)),
                    ("Request", UI.code("\(row.request.method) \(row.request.uri)")),
                    (
                        "Result",
                        row.isSuccess ? UI.badge("went through", .good) : UI.badge("refused: \(row.status)", .bad)
                    ), ("Resource", UI.code(row.event.resource.id)), ("Ray id", UI.code(row.request.ray)),
                ])
            element("div", ["class": "columns"]) {
                document("Before", before?.event.response, "The log knows nothing of it before this.")
                document("After", row.event.response, "Nothing was kept of the result.")
            }
            document("What was sent", row.event.request, "The request had no content.")
            if !history.isEmpty {
                UI.card("Earlier rows of the same resource") {
                    AuditTable(rows: history, caption: "Earlier rows of the same resource").markup
                }
            }
        }
    }

    private func document(_ title: String, _ text: JSONText?, _ otherwise: String) -> Markup {
        UI.card(title) {
            if let text, text.text != "{}" {
                element("pre", ["class": "document", "tabindex": 0, "role": "region", "aria-label": title]) {
                    (try? JSONParser.parse(text)).map { $0.indented } ?? text.text
                }
            } else {
                element("p", ["class": "muted"]) { otherwise }
            }
        }
    }

    // MARK: Export

    func export(_ reader: any Reading) throws(Failure) -> Download {
        let rows = try reader.auditRows(query, after: nil, limit: Self.exported)
        var text =
            "time,action,resource_type,resource_id,account_id,account_name,result,status,actor,context,ip,method,uri,ray\r\n"
        for row in rows {
            let cells = [
                row.at.rfc3339(.microseconds), row.event.action.rawValue, row.event.resource.kind.rawValue,
                row.event.resource.id, row.event.account?.hex ?? "", row.accountName ?? "",
                row.isSuccess ? "success" : "failure", "\(row.status)", row.who, row.request.actor.context.rawValue,
                row.request.address, row.request.method, row.request.uri, row.request.ray,
            ]
            text += cells.map(CSV.cell).joined(separator: ",") + "\r\n"
        }
        return Download(name: "audit-log.csv", type: "text/csv; charset=utf-8", bytes: Array(text.utf8))
    }
}

/// Comma-separated values (RFC 4180) that a spreadsheet takes for text, whatever is in them.
enum CSV {
    static func cell(_ text: String) -> String {
        let isFormula = text.first.map { "=+-@\t\r".contains($0) } ?? false
        let safe = isFormula ? "'" + text : text
        guard safe.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
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

extension JSONValue {
    /// Two spaces a level.
    var indented: String {
        var text = ""
        write(into: &text, level: 0)
        return text
    }

    private func write(into text: inout String, level: Int) {
        let (inner, outer) = (String(repeating: "  ", count: level + 1), String(repeating: "  ", count: level))
        switch self {
        case .object(let object) where !object.isEmpty:
            text += "{\n"
            for (position, member) in object.enumerated() {
                text += inner + JSONValue.string(member.key).serialized() + ": "
                member.value.write(into: &text, level: level + 1)
                text += position + 1 < object.count ? ",\n" : "\n"
            }
            text += outer + "}"
        case .array(let items) where !items.isEmpty:
            text += "[\n"
            for (position, item) in items.enumerated() {
                text += inner
                item.write(into: &text, level: level + 1)
                text += position + 1 < items.count ? ",\n" : "\n"
            }
            text += outer + "]"
        default: text += serialized()
        }
    }
}
