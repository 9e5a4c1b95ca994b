import Domain
import HTML
import JSON
import Primitives
import Store

/// One row of the audit log, with what it changed.
struct AuditEntry {
    let row: AuditRow
    /// The resource as the row before it left it.
    let before: JSONText?

    /// `nil` for a row that is not in the scope.
    init?(_ id: AuditEventID, in scope: AuditScope, _ reader: any Reading) throws(Failure) {
        guard let row = try reader.auditRow(id, in: scope) else { return nil }
        self.row = row
        let earlier = try reader.auditRows(
            AuditQuery(
                scope: scope, since: Timestamp(microseconds: 0), before: row.at, isDescending: true,
                conditions: [
                    AuditCondition(.resourceID, [row.event.resource.id], isNegated: false),
                    AuditCondition(.resourceType, [row.event.resource.kind.rawValue], isNegated: false),
                    AuditCondition(.actionType, ["create", "update"], isNegated: false),
                    AuditCondition(.actionResult, ["success"], isNegated: false),
                ]), after: nil, limit: 10)
        before = earlier.lazy.compactMap(\.event.response).first { $0.text.count > 2 }
    }

    /// What the log says beside the facts.
    var note: String? { row.event.description.isEmpty ? nil : row.event.description.capitalized1 }

    var title: String { "\(row.event.action.rawValue.capitalized1) \(row.event.resource.kind.title)" }

    @MarkupBuilder var markup: Markup {
        UI.facts(facts)
        let changes = FieldChange.all(from: before?.members ?? JSONObject(), to: after)
        if row.event.action != .view, row.isSuccess {
            UI.card("What changed", id: "changes") {
                if changes.isEmpty {
                    element("p", ["class": "muted"]) { "The log holds no field that differs from the row before." }
                } else {
                    element("div", ["class": "diff"]) {
                        UI.table(
                            "Fields before and after", changes,
                            [
                                Column("Field", isHeader: true) { UI.code($0.path) },
                                Column("Before") { change in
                                    if let was = change.before {
                                        element("span", ["class": "was wrap"]) { was }
                                    }
                                },
                                Column("After") { change in
                                    if let now = change.after { element("span", ["class": "is wrap"]) { now } }
                                },
                            ])
                    }
                }
            }
        }
        if let request = row.event.request, request.text.count > 2 {
            element("details") {
                element("summary") { "What was asked" }
                UI.table(
                    "Fields of the request", FieldChange.all(from: JSONObject(), to: request.members),
                    [
                        Column("Field", isHeader: true) { UI.code($0.path) },
                        Column("Value") { change in
                            element("span", ["class": "wrap"]) { change.after ?? "" }
                        },
                    ])
            }
        }
    }

    /// The resource as this row left it: nothing after its end.
    private var after: JSONObject {
        row.event.action == .delete ? JSONObject() : row.event.response?.members ?? before?.members ?? JSONObject()
    }

    private var facts: [(String, Markup)] {
        let (request, event) = (row.request, row.event)
        return [
            ("When", UI.time(row.at)), ("Result", row.isSuccess ? UI.badge("done", .good) : UI.badge("refused", .bad)),
            ("Who", .text(row.who)), ("Through", .text(request.actor.context.title)),
            ("From", .text(request.address)), ("Resource", UI.code(event.resource.id)),
            ("Request", UI.code("\(request.method) \(request.uri)")), ("Status", .text("\(row.status)")),
            ("Ray ID", UI.copyable(request.ray, id: "ray")), ("Row ID", UI.code(row.id.uuid)),
        ]
    }
}

/// A field that differs between two documents.
struct FieldChange {
    let path: String
    let before: String?
    let after: String?

    /// Every field that differs, by its path. When a resource changed is no change of its own.
    static func all(from old: JSONObject, to new: JSONObject) -> [FieldChange] {
        var before: [String: String] = [:]
        var after: [String: String] = [:]
        var paths: [String] = []
        flatten(.object(old), "", &before, &paths)
        flatten(.object(new), "", &after, &paths)
        var seen: Set<String> = ["updated_at", "modified_on"]
        return paths.filter { seen.insert($0).inserted && before[$0] != after[$0] }.map {
            FieldChange(path: $0, before: before[$0], after: after[$0])
        }
    }

    private static func flatten(
        _ value: JSONValue, _ path: String, _ found: inout [String: String], _ paths: inout [String]
    ) {
        func place(_ name: String) -> String { path.isEmpty ? name : "\(path)/\(name)" }
        switch value {
        case .object(let object) where !object.isEmpty:
            for (key, member) in object { flatten(member, place(key), &found, &paths) }
        case .array(let items) where !items.isEmpty:
            for (position, item) in items.enumerated() { flatten(item, place("\(position)"), &found, &paths) }
        case .object,
            .array where path.isEmpty:
            break
        default:
            found[path] = value.stringValue ?? value.serialized()
            paths.append(path)
        }
    }
}
