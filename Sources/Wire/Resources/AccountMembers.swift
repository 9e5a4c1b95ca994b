package import Domain
package import JSON
package import Primitives

/// Members of accounts on the wire (contract 20 §3).
extension AccountMemberDraft {
    package static let fields: [Field] = [
        Field("email", .email, .required),
        Field("status", .oneOf(["pending", "accepted"]), default: "pending"),
    ]

    /// - Returns: the draft, and its policies as the API returns them.
    package static func read(_ value: JSONValue) throws(Refusal) -> (draft: Self, policies: JSONText) {
        guard let object = value.objectValue else {
            throw Refusal(.memberInvalid, "the body must be a JSON object", at: "")
        }
        var problems: [FieldProblem] = []
        let members = fields.normalize(object, at: "", &problems)
        let (rights, policies) = MemberRights.read(object, &problems)
        try Body.refuse(problems, as: .memberInvalid)
        return (
            Self(
                email: members["email"]?.stringValue ?? "",
                status: members["status"]?.stringValue.flatMap { AccountMember.Status(rawValue: $0) } ?? .pending,
                rights: rights),
            policies
        )
    }
}

extension AccountMemberChange {
    package static let fields: [Field] = [Field("status", .oneOf(AccountMember.Status.allCases.map(\.rawValue)))]

    /// - Returns: the change, and its policies as the API returns them.
    package static func read(_ value: JSONValue) throws(Refusal) -> (change: Self, policies: JSONText) {
        guard let object = value.objectValue else {
            throw Refusal(.memberInvalid, "the body must be a JSON object", at: "")
        }
        var problems: [FieldProblem] = []
        let members = fields.normalize(object, at: "", &problems)
        let (rights, policies) = MemberRights.read(object, &problems)
        try Body.refuse(problems, as: .memberInvalid)
        return (
            Self(
                status: members["status"]?.stringValue.flatMap { AccountMember.Status(rawValue: $0) }, rights: rights),
            policies
        )
    }
}

extension MemberRights {
    /// `roles` or `policies`, one of both.
    fileprivate static func read(
        _ object: JSONObject, _ problems: inout [FieldProblem]
    ) -> (rights: MemberRights, policies: JSONText) {
        let roles = object["roles"].flatMap { $0.isNull ? nil : $0 }
        let policies = object["policies"].flatMap { $0.isNull ? nil : $0 }
        switch (roles, policies) {
        case (.some, .some):
            problems.append(FieldProblem("/policies", "excludes roles: give one of both"))
        case (nil, nil):
            problems.append(FieldProblem("/roles", "is required unless policies are given"))
        case (let roles?, nil):
            return (MemberRights(roles: readRoles(roles, &problems), policies: []), .emptyArray)
        case (nil, let policies?):
            let read = readPolicies(policies, &problems)
            return (MemberRights(roles: [], policies: read), document(of: read))
        }
        return (MemberRights(roles: [], policies: []), .emptyArray)
    }

    /// Ids as texts, or objects with an `id`: clients send the first to invite and the second to update.
    private static func readRoles(_ value: JSONValue, _ problems: inout [FieldProblem]) -> [AccountRole] {
        guard let items = value.arrayValue, (1...AccountRole.allCases.count).contains(items.count) else {
            problems.append(FieldProblem("/roles", "must be an array of one or more roles"))
            return []
        }
        var roles: [AccountRole] = []
        for (position, item) in items.enumerated() {
            let id = item.stringValue ?? item["id"]?.stringValue
            guard let role = id.flatMap({ AccountRole(id: $0) }) else {
                problems.append(FieldProblem("/roles/\(position)", "is no known role"))
                continue
            }
            if !roles.contains(role) { roles.append(role) }
        }
        return roles
    }

    private static func readPolicies(_ value: JSONValue, _ problems: inout [FieldProblem]) -> [MemberPolicy] {
        guard let items = value.arrayValue, (1...100).contains(items.count) else {
            problems.append(FieldProblem("/policies", "must be an array of 1 to 100 policies"))
            return []
        }
        return items.enumerated().map { position, item in
            let pointer = "/policies/\(position)"
            let access = item["access"]?.stringValue.flatMap { RightsGrant.Effect(rawValue: $0) }
            if access == nil { problems.append(FieldProblem("\(pointer)/access", "must be one of allow, deny")) }
            let groups = PermissionGroup.list(item["permission_groups"], at: "\(pointer)/permission_groups", &problems)
            return MemberPolicy(
                effect: access ?? .deny, groups: groups,
                resourceGroups: readResourceGroups(item["resource_groups"], at: "\(pointer)/resource_groups", &problems)
            )
        }
    }

    private static func readResourceGroups(
        _ value: JSONValue?, at pointer: String, _ problems: inout [FieldProblem]
    ) -> [String] {
        let items = value?.arrayValue ?? []
        let ids = items.compactMap { $0["id"]?.stringValue ?? $0.stringValue }
        guard (1...100).contains(items.count), ids.count == items.count,
            ids.allSatisfy({ (1...64).contains($0.utf8.count) })
        else {
            problems.append(FieldProblem(pointer, "must be an array of resource groups, each with an id"))
            return []
        }
        return ids
    }

    private static func document(of policies: [MemberPolicy]) -> JSONText {
        var writer = JSONWriter()
        writer.beginArray()
        for policy in policies {
            writer.beginObject()
            writer.member("access", policy.effect.rawValue)
            writer.key("permission_groups")
            writer.beginArray()
            for group in policy.groups { group.writeReference(to: &writer) }
            writer.endArray()
            writer.key("resource_groups")
            writer.beginArray()
            for id in policy.resourceGroups {
                writer.beginObject()
                writer.member("id", id)
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        return writer.jsonText
    }
}

extension AccountMember {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", hex: id)
        writer.member("email", user.email)
        writer.member("status", status.rawValue)
        writer.key("roles")
        writer.beginArray()
        for role in roles { role.write(to: &writer) }
        writer.endArray()
        writer.member("policies", raw: policies)
        writer.key("user")
        user.write(to: &writer)
        writer.endObject()
    }
}

extension User {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", hex: id)
        writer.member("email", email)
        writer.member("first_name", firstName)
        writer.member("last_name", lastName)
        writer.member("two_factor_authentication_enabled", false)
        writer.endObject()
    }
}

extension Membership {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", hex: id)
        writer.member("status", status.rawValue)
        writer.key("account")
        account.write(to: &writer)
        writer.member("roles", roles.map(\.rawValue))
        writer.endObject()
    }
}
