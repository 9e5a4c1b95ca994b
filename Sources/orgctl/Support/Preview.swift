import APIClient
import JSON

/// What a request would break, as the server answers `?preview=true`.
struct Preview {
    private let value: JSONValue

    init(_ value: JSONValue) { self.value = value }

    /// Sentences, the counts that are not zero first.
    func text(of act: String) -> String {
        var effects: [String] = []
        func count(_ key: String) -> Int {
            value[key]?.arrayValue?.count ?? value[key]?.integerValue.map { Int(clamping: $0) } ?? 0
        }
        func add(_ key: String, _ one: String, _ many: String) {
            let number = count(key)
            if number > 0 { effects.append("\(number) \(number == 1 ? one : many)") }
        }
        add("connections_created", "new connection", "new connections")
        add("connections_removed", "connection ends", "connections end")
        add("apps_without_login", "application is left without a login", "applications are left without a login")
        add("dangling_rules", "rule never matches again", "rules never match again")
        add("sessions_ended", "session ends", "sessions end")
        add("oauth_grants_ended", "OAuth grant ends", "OAuth grants end")
        add("users_affected_30d", "person signed in over it in 30 days", "people signed in over it in 30 days")
        guard !effects.isEmpty else { return "\(act) changes no connection." }
        var lines = ["\(act):"] + effects.map { "  \($0)" }
        for app in (value["apps_without_login"]?.arrayValue ?? []).prefix(20) {
            lines.append("    application \(app["name"]?.stringValue ?? "") (\(app["app_id"]?.stringValue ?? ""))")
        }
        for rule in (value["dangling_rules"]?.arrayValue ?? []).prefix(20) {
            let id = rule["policy_id"]?.stringValue ?? rule["group_id"]?.stringValue ?? ""
            lines.append("    rule of \(id) in account \(rule["account_id"]?.stringValue ?? "")")
        }
        return lines.joined(separator: "\n")
    }
}
