package import Domain
package import JSON
package import Primitives

/// API tokens on the wire (contract 20 §3, policies in 10 §10).
extension APITokenDraft {
    private static let addresses = Shape.array(.cidr, count: 0...100)

    package static let fields: [Field] = [
        Field("name", .text(1...120), .required),
        Field("status", .oneOf(APIToken.Status.allCases.map(\.rawValue)), default: "active"),
        Field(
            "condition",
            .object([Field("request_ip", .object([Field("in", addresses), Field("not_in", addresses)]))])),
        Field("not_before", .instant),
        Field("expires_on", .instant),
    ]

    /// - Parameter newPolicyID: an identifier for each policy.
    package init(_ value: JSONValue, newPolicyID: () -> Identifier<TokenPolicy>) throws(Refusal) {
        guard let object = value.objectValue else {
            throw Refusal(.tokenInvalid, "the body must be a JSON object", at: "")
        }
        var problems: [FieldProblem] = []
        let members = Self.fields.normalize(object, at: "", &problems)
        let policies = Self.readPolicies(object["policies"], &problems)
        try Body.refuse(problems, as: .tokenInvalid)
        func networks(_ name: String) -> [CIDR] {
            (members["condition"]?["request_ip"]?[name]?.arrayValue ?? []).compactMap {
                $0.stringValue.flatMap { CIDR($0) }
            }
        }
        func instant(_ name: String) -> Timestamp? {
            members[name]?.stringValue.flatMap { Timestamp(rfc3339: $0) }
        }
        self.init(
            name: members["name"]?.stringValue ?? "",
            status: members["status"]?.stringValue.flatMap { APIToken.Status(rawValue: $0) } ?? .active,
            policies: policies, policyDocument: Self.document(of: policies, object["policies"], newPolicyID),
            condition: members["condition"]?.jsonText ?? .emptyObject, allowedAddresses: networks("in"),
            deniedAddresses: networks("not_in"), notBefore: instant("not_before"), expiresAt: instant("expires_on"))
    }

    private static func readPolicies(_ value: JSONValue?, _ problems: inout [FieldProblem]) -> [TokenPolicy] {
        guard let items = value?.arrayValue, (1...100).contains(items.count) else {
            problems.append(FieldProblem("/policies", "must be an array of 1 to 100 policies"))
            return []
        }
        return items.enumerated().map { position, item in
            let pointer = "/policies/\(position)"
            let effect = item["effect"]?.stringValue.flatMap { RightsGrant.Effect(rawValue: $0) }
            if effect == nil { problems.append(FieldProblem("\(pointer)/effect", "must be one of allow, deny")) }
            let groups = PermissionGroup.list(item["permission_groups"], at: "\(pointer)/permission_groups", &problems)
            return TokenPolicy(
                effect: effect ?? .deny, groups: PermissionSet(groups),
                resources: readResources(item["resources"], at: "\(pointer)/resources", &problems))
        }
    }

    private static func readResources(
        _ value: JSONValue?, at pointer: String, _ problems: inout [FieldProblem]
    ) -> [TokenPolicy.Resource] {
        guard let object = value?.objectValue, !object.isEmpty else {
            problems.append(FieldProblem(pointer, "must be an object with one or more resources"))
            return []
        }
        return object.compactMap { key, value in
            let place = "\(pointer)/\(key.pointerEscaped)"
            // An object names zones or buckets inside the account.
            let isNested = value.objectValue != nil
            guard isNested || value.stringValue == "*" else {
                problems.append(FieldProblem(place, "must be \"*\" or an object"))
                return nil
            }
            switch ResourceKey(key) {
            case .scope(let scope): return TokenPolicy.Resource(key: key, named: scope, scope: isNested ? nil : scope)
            case .ignored: return TokenPolicy.Resource(key: key, named: nil, scope: nil)
            case nil:
                problems.append(FieldProblem(place, "is no known resource: use \(ResourceKey.account).<account_id>"))
                return nil
            }
        }
    }

    /// The policies as the API returns them: with ids of their own, names of groups, resources as sent.
    private static func document(
        of policies: [TokenPolicy], _ sent: JSONValue?, _ newPolicyID: () -> Identifier<TokenPolicy>
    ) -> JSONText {
        var writer = JSONWriter()
        writer.beginArray()
        for (position, policy) in policies.enumerated() {
            writer.beginObject()
            writer.member("id", hex: newPolicyID())
            writer.member("effect", policy.effect.rawValue)
            writer.key("permission_groups")
            writer.beginArray()
            for group in policy.groups.groups { group.writeReference(to: &writer) }
            writer.endArray()
            writer.member("resources", sent?[position]?["resources"] ?? .object(JSONObject()))
            writer.endObject()
        }
        writer.endArray()
        return writer.jsonText
    }
}

extension APIToken {
    /// - Parameters:
    ///   - now: what decides whether the token has expired.
    ///   - value: written only in the answer that created the token.
    package func write(to writer: inout JSONWriter, at now: Timestamp, value: Secret<String>? = nil) {
        writer.beginObject()
        writer.member("id", hex: id)
        writer.member("name", name)
        writer.member("status", wireStatus(at: now))
        writer.member("policies", raw: policies)
        if condition != .emptyObject { writer.member("condition", raw: condition) }
        writer.member("issued_on", time: createdAt)
        writer.member("modified_on", time: updatedAt)
        if let lastUsedAt { writer.member("last_used_on", time: lastUsedAt) }
        if let notBefore { writer.member("not_before", time: notBefore) }
        if let expiresAt { writer.member("expires_on", time: expiresAt) }
        if let creatorEmail { writer.member("creator_email_at_creation", creatorEmail) }
        if let value { writer.member("value", value.exposed()) }
        writer.endObject()
    }

    /// What a token learns about itself.
    package func writeVerification(to writer: inout JSONWriter, at now: Timestamp) {
        writer.beginObject()
        writer.member("id", hex: id)
        writer.member("status", wireStatus(at: now))
        if let notBefore { writer.member("not_before", time: notBefore) }
        if let expiresAt { writer.member("expires_on", time: expiresAt) }
        writer.endObject()
    }

    private func wireStatus(at now: Timestamp) -> String {
        guard let expiresAt, expiresAt <= now else { return status.rawValue }
        return "expired"
    }
}
