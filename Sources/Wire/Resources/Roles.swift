package import Domain
package import JSON

/// Roles and permission groups on the wire (contract 20 §3): fixed lists.
extension AccountRole {
    /// Members of `permissions`: what each of them lets read, and what write.
    private static let families: [(key: StaticString, read: PermissionGroup?, write: PermissionGroup?)] = [
        ("account_settings", .accountSettingsRead, .accountSettingsWrite),
        ("api_tokens", .accountTokensRead, .accountTokensWrite),
        ("access_apps", .appsRead, .appsWrite),
        ("access_apps_revoke", nil, .appsRevoke),
        ("access_identity", .identityRead, .identityWrite),
        ("access_identity_revoke", nil, .identityRevoke),
        ("access_service_tokens", .serviceTokensRead, .serviceTokensWrite),
        ("access_custom_pages", .customPagesRead, .customPagesWrite),
        ("access_population", .populationRead, .populationWrite),
        ("access_audit_logs", .accessAuditLogsRead, nil),
        ("zero_trust", .zeroTrustRead, .zeroTrustWrite),
        ("zero_trust_pii", .zeroTrustPIIRead, nil),
        ("resource_sharing", .sharingRead, .sharingWrite),
        ("token_validation", nil, .tokenValidationRun),
        ("gateway_logs", nil, .gatewayLogsIngest),
    ]

    package func write(to writer: inout JSONWriter) {
        let held = permissions.withImplied
        writer.beginObject()
        writer.member("id", id)
        writer.member("name", rawValue)
        writer.member("description", description)
        writer.key("permissions")
        writer.beginObject()
        for family in Self.families {
            let reads = family.read.map(held.contains) ?? false
            let writes = family.write.map(held.contains) ?? false
            guard reads || writes else { continue }
            writer.key(family.key)
            writer.beginObject()
            writer.member("read", reads)
            writer.member("write", writes)
            writer.endObject()
        }
        writer.endObject()
        writer.endObject()
    }
}

extension PermissionGroup.Scope {
    /// As permission groups name what they are about.
    package var wireName: String {
        switch self {
        case .account: ResourceKey.account
        case .organization: ResourceKey.organization
        case .user: ResourceKey.user
        }
    }
}

extension PermissionGroup {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", id)
        writer.member("name", name)
        writer.member("category", category)
        writer.member("is_selectable", true)
        writer.member("scopes", [scope.wireName])
        writer.endObject()
    }

    /// `{"id": …, "name": …}`, as policies show it.
    func writeReference(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", id)
        writer.member("name", name)
        writer.endObject()
    }

    /// The groups of an array of `{"id": …}`, or of bare ids.
    static func list(
        _ value: JSONValue?, at pointer: String, _ problems: inout [FieldProblem]
    ) -> [PermissionGroup] {
        let items = value?.arrayValue ?? []
        guard (1...1000).contains(items.count) else {
            problems.append(FieldProblem(pointer, "must be an array of one or more permission groups"))
            return []
        }
        var groups: [PermissionGroup] = []
        for (position, item) in items.enumerated() {
            let id = item["id"]?.stringValue ?? item.stringValue
            guard let group = id.flatMap({ PermissionGroup(id: $0) }) else {
                problems.append(FieldProblem("\(pointer)/\(position)/id", "is no known permission group"))
                continue
            }
            if !groups.contains(group) { groups.append(group) }
        }
        return groups
    }
}
