package import JSON

/// Resources as they are sent back: what a GET shows and a PUT does not take is put into the form that it takes.
package enum EditableForm {
    /// An application, whose policies are links to reusable ones or inline bodies.
    package static func app(_ app: JSONValue) -> JSONValue {
        guard let policies = app["policies"]?.arrayValue else { return app }
        let written = policies.enumerated().map { index, policy -> JSONValue in
            let precedence = policy["precedence"] ?? .integer(index + 1)
            if policy["reusable"]?.boolValue == true, let id = policy["id"] {
                return ["id": id, "precedence": precedence]
            }
            return policy.removing([["id"], ["uid"], ["created_at"], ["updated_at"], ["reusable"], ["account_id"]])
        }
        return app.removing([["self_hosted_domains"]]).setting(["policies"], to: .array(written))
    }

    /// An application about to be changed.
    package static func app(_ app: JSONValue, changedBy changes: JSONValue) -> JSONValue {
        withoutSuperseded(self.app(app), by: changes)
    }

    /// Domain and destinations describe the same thing, and the server joins them: when one changes, the other one is
    /// kept only if the change says so.
    static func withoutSuperseded(_ app: JSONValue, by changes: JSONValue) -> JSONValue {
        let members = ["domain", "destinations"]
        guard members.contains(where: { changes[$0] != nil && changes[$0] != app[$0] }) else { return app }
        return app.removing(members.filter { changes[$0] == nil }.map { [$0] } + [["self_hosted_domains"]])
    }

    /// A group: its flag is written under another name than it is read.
    package static func group(_ group: JSONValue) -> JSONValue {
        guard let flag = group["default"] else { return group }
        return group.removing([["default"]]).setting(["is_default"], to: flag)
    }
}
