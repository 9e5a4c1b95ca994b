import Domain

/// An entry of the navigation.
struct Section: Sendable {
    let title: String
    /// The end of the path; empty for the page of the place itself.
    let path: String
    /// Who sees it.
    let permission: PermissionGroup
}

/// The pages of an organization.
enum OrganizationSections {
    static let all: [Section] = [
        Section(title: "Overview", path: "", permission: .organizationRead),
        Section(title: "Organization tree", path: "/tree", permission: .organizationRead),
        Section(title: "Accounts", path: "/accounts", permission: .organizationRead),
        Section(title: "Primary IdP", path: "/primary-idp", permission: .organizationRead),
        Section(title: "Drift", path: "/drift", permission: .organizationRead),
        Section(title: "Members", path: "/members", permission: .organizationRead),
        Section(title: "Audit log", path: "/audit", permission: .organizationRead),
        Section(title: "Settings", path: "/settings", permission: .organizationRead),
    ]
}

/// The pages of an account.
enum AccountSections {
    static let all = own + AccessSections.all

    private static let own: [Section] = [
        Section(title: "Summary", path: "", permission: .accountSettingsRead),
        Section(title: "Identity providers", path: "/identity-providers", permission: .identityRead),
        Section(title: "Members", path: "/members", permission: .accountSettingsRead),
        Section(title: "Settings", path: "/settings", permission: .accountSettingsRead),
    ]
}
