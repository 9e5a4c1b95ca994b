/// The fixed roles of members (contract 10 §11): each a name and the rights it grants.
package enum AccountRole: String, CaseIterable, Sendable {
    case superAdministrator = "Super Administrator - All Privileges"
    case administrator = "Administrator"
    case administratorReadOnly = "Administrator Read Only"
    case zeroTrust = "Cloudflare Zero Trust"
    case zeroTrustReadOnly = "Cloudflare Zero Trust Read Only"
    case zeroTrustReporting = "Cloudflare Zero Trust Reporting"
    case zeroTrustPII = "Cloudflare Zero Trust PII"
    case access = "Cloudflare Access"
    case auditLogsViewer = "Audit Logs Viewer"
    case minimalAccountAccess = "Minimal Account Access"

    package var description: String {
        switch self {
        case .superAdministrator: "Can do everything in the account, memberships included"
        case .administrator: "Can do everything in the account except manage members and API tokens"
        case .administratorReadOnly: "Can read everything in the account"
        case .zeroTrust: "Can edit everything of Access and Zero Trust"
        case .zeroTrustReadOnly: "Can read everything of Access and Zero Trust"
        case .zeroTrustReporting: "Can read Zero Trust reports"
        case .zeroTrustPII: "Can read personal data in Zero Trust reports and logs"
        case .access: "Can edit applications, policies, service tokens and custom pages"
        case .auditLogsViewer: "Can read the audit log"
        case .minimalAccountAccess: "Can see that the account exists"
        }
    }

    package var permissions: PermissionSet {
        switch self {
        case .superAdministrator: .scope(.account)
        case .administrator: PermissionSet.scope(.account).subtracting([.accountTokensWrite])
        case .administratorReadOnly: .scope(.account).intersection(.allReads).subtracting([.zeroTrustPIIRead])
        case .zeroTrust: Self.accessAndZeroTrust
        case .zeroTrustReadOnly: Self.accessAndZeroTrust.intersection(.allReads).subtracting([.zeroTrustPIIRead])
        case .zeroTrustReporting: [.zeroTrustRead, .accessAuditLogsRead]
        case .zeroTrustPII: [.zeroTrustPIIRead]
        case .access:
            [
                .appsRead, .appsWrite, .appsRevoke, .serviceTokensRead, .serviceTokensWrite, .customPagesRead,
                .customPagesWrite, .accessAuditLogsRead,
            ]
        case .auditLogsViewer: [.accountSettingsRead]
        case .minimalAccountAccess: [.accountSettingsRead]
        }
    }

    private static let accessAndZeroTrust = PermissionSet(
        PermissionGroup.allCases.filter { $0.name.hasPrefix("Access: ") || $0.name.hasPrefix("Zero Trust") }
    ).subtracting([.zeroTrustPIIRead])
}

/// What a member of an organization may do in it and, without membership, in each of its accounts.
package enum OrganizationRole: String, CaseIterable, Sendable {
    case superAdministrator = "super_administrator"
    case reader

    package var title: String {
        switch self {
        case .superAdministrator: "Organization Super Administrator"
        case .reader: "Organization Reader"
        }
    }

    package var permissions: PermissionSet {
        switch self {
        case .superAdministrator: PermissionSet.scope(.organization).union(.scope(.account))
        case .reader: .allReads.subtracting(PermissionSet.scope(.user)).subtracting([.zeroTrustPIIRead])
        }
    }
}
