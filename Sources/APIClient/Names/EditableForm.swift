package import JSON

/// Resources as they are sent back: what a GET shows and a PUT does not take is put into the form that it takes.
package enum EditableForm {
    /// An application, whose policies are links to reusable ones or inline bodies.
    package static func app(_ app: JSONValue) -> JSONValue {
        guard let policies = app["policies"]?.arrayValue else { return app }
        let written = policies.enumerated().map { index, policy -> JSONValue in
            let precedence = policy["precedence"] ?? .integer(index + 1)
            if policy["reusable"]?.boolValue == true, let id = policy["id"] { return ["id": id, "precedence": precedence] }
            return policy.removing([["id"], ["uid"], ["created_at"], ["updated_at"], ["reusable"], ["account_id"]])
        }
        return app.removing([["self_hosted_domains"]]).setting(["policies"], to: .array(written))
    }

    /// An application with another domain: what else named the old one goes.
    package static func app(_ app: JSONValue, changedBy changes: JSONValue) -> JSONValue {
        let editable = self.app(app)
        guard let domain = changes["domain"], domain != app["domain"], changes["destinations"] == nil else { return editable }
        return editable.removing([["destinations"]])
    }

    /// A group: its flag is written under another name than it is read.
    package static func group(_ group: JSONValue) -> JSONValue {
        guard let flag = group["default"] else { return group }
        return group.removing([["default"]]).setting(["is_default"], to: flag)
    }
}
