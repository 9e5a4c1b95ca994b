/// A right that API tokens and roles are made of (contract 10 §10). The raw value is a bit position in memory only;
/// the database stores names.
package enum PermissionGroup: Int, CaseIterable, Sendable {
    case accountSettingsRead, accountSettingsWrite
    case accountTokensRead, accountTokensWrite
    case appsRead, appsWrite, appsRevoke
    case identityRead, identityWrite, identityRevoke
    case serviceTokensRead, serviceTokensWrite
    case customPagesRead, customPagesWrite
    case populationRead, populationWrite
    case accessAuditLogsRead
    case zeroTrustRead, zeroTrustWrite, zeroTrustPIIRead
    case sharingRead, sharingWrite
    case tokenValidationRun
    case gatewayLogsIngest
    case organizationRead, organizationWrite, organizationAccountsWrite
    case userDetailsRead, membershipsRead, userTokensRead, userTokensWrite

    package enum Scope: String, Sendable { case account, organization, user }

    package var name: String {
        switch self {
        case .accountSettingsRead: "Account Settings Read"
        case .accountSettingsWrite: "Account Settings Write"
        case .accountTokensRead: "Account API Tokens Read"
        case .accountTokensWrite: "Account API Tokens Write"
        case .appsRead: "Access: Apps and Policies Read"
        case .appsWrite: "Access: Apps and Policies Write"
        case .appsRevoke: "Access: Apps and Policies Revoke"
        case .identityRead: "Access: Organizations, Identity Providers, and Groups Read"
        case .identityWrite: "Access: Organizations, Identity Providers, and Groups Write"
        case .identityRevoke: "Access: Organizations Revoke"
        case .serviceTokensRead: "Access: Service Tokens Read"
        case .serviceTokensWrite: "Access: Service Tokens Write"
        case .customPagesRead: "Access: Custom Pages Read"
        case .customPagesWrite: "Access: Custom Pages Write"
        case .populationRead: "Access: Population Read"
        case .populationWrite: "Access: Population Write"
        case .accessAuditLogsRead: "Access: Audit Logs Read"
        case .zeroTrustRead: "Zero Trust Read"
        case .zeroTrustWrite: "Zero Trust Write"
        case .zeroTrustPIIRead: "Zero Trust: PII Read"
        case .sharingRead: "Resource Sharing Read"
        case .sharingWrite: "Resource Sharing Write"
        case .tokenValidationRun: "Token Validation Run"
        case .gatewayLogsIngest: "Gateway Logs Ingest"
        case .organizationRead: "Organization Read"
        case .organizationWrite: "Organization Write"
        case .organizationAccountsWrite: "Organization Accounts Write"
        case .userDetailsRead: "User Details Read"
        case .membershipsRead: "Memberships Read"
        case .userTokensRead: "API Tokens Read"
        case .userTokensWrite: "API Tokens Write"
        }
    }

    package var scope: Scope {
        switch self {
        case .organizationRead, .organizationWrite, .organizationAccountsWrite: .organization
        case .userDetailsRead, .membershipsRead, .userTokensRead, .userTokensWrite: .user
        default: .account
        }
    }

    package var category: String {
        switch self {
        case .appsRead, .appsWrite, .appsRevoke, .identityRead, .identityWrite, .identityRevoke, .serviceTokensRead,
            .serviceTokensWrite, .customPagesRead, .customPagesWrite, .populationRead, .populationWrite,
            .accessAuditLogsRead, .zeroTrustRead, .zeroTrustWrite, .zeroTrustPIIRead, .tokenValidationRun,
            .gatewayLogsIngest:
            "cloudflare_one_and_zero_trust"
        case .accountSettingsRead, .accountSettingsWrite, .accountTokensRead, .accountTokensWrite, .sharingRead,
            .sharingWrite, .organizationRead, .organizationWrite, .organizationAccountsWrite:
            "account_and_billing"
        case .userDetailsRead, .membershipsRead, .userTokensRead, .userTokensWrite: "other"
        }
    }

    /// The right to read what this right may write, and itself.
    package var implied: PermissionSet {
        switch self {
        case .accountSettingsWrite: [.accountSettingsRead, .accountSettingsWrite]
        case .accountTokensWrite: [.accountTokensRead, .accountTokensWrite]
        case .appsWrite: [.appsRead, .appsWrite]
        case .identityWrite: [.identityRead, .identityWrite]
        case .serviceTokensWrite: [.serviceTokensRead, .serviceTokensWrite]
        case .customPagesWrite: [.customPagesRead, .customPagesWrite]
        case .populationWrite: [.populationRead, .populationWrite]
        case .zeroTrustWrite: [.zeroTrustRead, .zeroTrustWrite]
        case .sharingWrite: [.sharingRead, .sharingWrite]
        case .organizationWrite: [.organizationRead, .organizationWrite]
        case .userTokensWrite: [.userTokensRead, .userTokensWrite]
        default: PermissionSet(self)
        }
    }

    package init?(name: some StringProtocol) {
        guard let group = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = group
    }
}

/// A set of permission groups in one word.
package struct PermissionSet: OptionSet, Sendable, Hashable {
    package let rawValue: UInt64

    @inlinable
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    @inlinable
    package init(_ group: PermissionGroup) { rawValue = 1 << UInt64(group.rawValue) }

    package init(arrayLiteral groups: PermissionGroup...) { self.init(groups) }

    package init(_ groups: some Sequence<PermissionGroup>) {
        rawValue = groups.reduce(0) { $0 | 1 << UInt64($1.rawValue) }
    }

    package static let all = PermissionSet(PermissionGroup.allCases)

    /// Every group that only reads.
    package static let allReads = PermissionSet(PermissionGroup.allCases.filter { $0.name.hasSuffix("Read") })

    package static func scope(_ scope: PermissionGroup.Scope) -> PermissionSet {
        PermissionSet(PermissionGroup.allCases.filter { $0.scope == scope })
    }

    @inlinable
    package func contains(_ group: PermissionGroup) -> Bool { rawValue & 1 << UInt64(group.rawValue) != 0 }

    /// With the reads that the writes in the set imply.
    package var withImplied: PermissionSet { groups.reduce(self) { $0.union($1.implied) } }

    package var groups: [PermissionGroup] { PermissionGroup.allCases.filter(contains) }
}
