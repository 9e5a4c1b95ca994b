import ControlPlane
import Domain
import HTML
import HTTP
import Primitives
import Store

/// A part of the audit log that somebody looks at: whose it is, and the filters of the page.
struct AuditLog: Sendable {
    let scope: AuditScope
    let view: View

    private var filters: LogFilters { LogFilters(view: view) }

    /// The filters of the page, as the REST API names them.
    private static let fields: [(name: String, field: AuditCondition.Field)] = [
        ("action", .actionType), ("result", .actionResult), ("actor", .actorEmail), ("type", .resourceType),
        ("resource", .resourceID), ("context", .actorContext), ("ray", .ray),
    ]

    /// From 30 days ago unless the page says otherwise.
    var query: AuditQuery {
        var conditions: [AuditCondition] = []
        for (name, field) in Self.fields {
            if let text = filters.text(name) { conditions.append(AuditCondition(field, [text], isNegated: false)) }
        }
        return AuditQuery(
            scope: scope, since: filters.instant("since") ?? view.now - .seconds(30 * 86_400),
            before: (filters.instant("until") ?? view.now) + .seconds(1), isDescending: true, conditions: conditions)
    }

    /// Where a page goes on: after this row.
    private var after: AuditPosition? {
        let parts = (view.query["after"] ?? "").split(separator: ".").compactMap { Int64($0) }
        return parts.count == 2 ? AuditPosition(at: Timestamp(microseconds: parts[0]), position: parts[1]) : nil
    }

    private static let pageSize = 50

    /// - Parameter path: of the page, with the pages of rows and exports below it.
    func page(_ reader: any Reading, path: String) throws(Failure) -> Markup {
        let rows = try reader.auditRows(query, after: after, limit: Self.pageSize + 1)
        let shown = Array(rows.prefix(Self.pageSize))
        return element("div", ["class": "stack"]) {
            filters.form {
                filters.choice("action", "What happened", AuditEvent.Action.all.map { ($0.rawValue, $0.title) })
                filters.choice("type", "To", AuditedResource.Kind.allCases.map { ($0.rawValue, $0.title) })
                filters.field("actor", "By (email)")
                filters.choice("result", "Result", [("success", "Done"), ("failure", "Refused")])
                filters.choice(
                    "context", "Through",
                    [("dash", "The console"), ("api_token", "An API token"), ("api", "The API"), ("oauth", "OAuth")])
                filters.field("resource", "Resource ID")
            }
            if shown.isEmpty {
                UI.empty(
                    "No rows in this time",
                    "Without other times, the last 30 days are shown. Ask for a longer time, or less.")
            } else {
                UI.table("Audit log", shown, columns(path))
                element("nav", ["class": "pager", "aria-label": "Pages"]) {
                    element("p", ["class": "inline-actions"]) {
                        UI.button("Export CSV", "\(path).csv\(suffix([]))")
                        UI.button("Export NDJSON", "\(path).ndjson\(suffix([]))")
                    }
                    element("p") {
                        if after != nil { UI.button("Latest", path + suffix([])) }
                        if rows.count > Self.pageSize, let last = shown.last {
                            UI.button(
                                "Older", path + suffix([("after", "\(last.at.microseconds).\(last.position)")]))
                        }
                    }
                }
            }
        }
    }

    private func columns(_ path: String) -> [Column<AuditRow>] {
        [
            Column("When") { UI.time($0.at) },
            Column("What", isHeader: true) { row in
                UI.link("\(row.event.action.title) \(row.event.resource.kind.title)", "\(path)/\(row.id.uuid)")
                if !row.isSuccess { UI.badge("refused", .bad) }
                if !row.event.description.isEmpty {
                    element("span", ["class": "small muted"]) { " \(row.event.description)" }
                }
            },
            Column("Who") { $0.who },
            Column("Through") { $0.request.actor.context.title },
            Column("From") { $0.request.address },
        ]
    }

    /// The query of the page, from the first row on, with other members.
    private func suffix(_ more: [(String, String)]) -> String {
        var query = QueryString(items: view.query.items.filter { $0.name != "after" && !$0.value.isEmpty })
        for (name, value) in more { query.append(name, value) }
        return query.isEmpty ? "" : "?" + query.text
    }
}

extension AuditEvent.Action {
    static let all: [Self] = [.create, .update, .delete, .view]

    /// For people.
    var title: String {
        switch self {
        case .create: "Created"
        case .update: "Changed"
        case .delete: "Deleted"
        case .view: "Looked at"
        }
    }
}

extension Actor.Context {
    /// For people.
    var title: String {
        switch self {
        case .apiToken: "API token"
        case .api: "API"
        case .dash: "console"
        case .oauth: "OAuth"
        }
    }
}
