import Domain

/// The pages of what an account protects: applications, who may use them, and what happened. See `AllPages`.
enum AccountPages {
    static let groups: [any ConsolePages.Type] = [
        ServiceTokensPage.self, ServiceTokenPage.self, ApplicationsPage.self, NewApplicationPage.self,
        ApplicationPage.self, ApplicationPolicies.self, PoliciesPage.self, PolicyPage.self, PolicyEditor.self,
        InlinePolicyEditor.self, GroupsPage.self, GroupEditor.self, AgentsPage.self, UsersPage.self, UserPage.self,
        AccessLogPage.self, AccountAuditPage.self, ZeroTrustPage.self, KeysPage.self, TagsPage.self,
        CustomPagesPage.self,
    ]
}

/// Their entries in the navigation.
enum AccessSections {
    static let all: [Section] = [
        Section(title: "Applications", path: "/applications", permission: .appsRead),
        Section(title: "Policies", path: "/policies", permission: .appsRead),
        Section(title: "Groups", path: "/groups", permission: .identityRead),
        Section(title: "Service tokens", path: "/service-tokens", permission: .serviceTokensRead),
        Section(title: "Agents", path: "/agents", permission: .zeroTrustRead),
        Section(title: "Users and sessions", path: "/users", permission: .zeroTrustRead),
        Section(title: "Access log", path: "/access-log", permission: .accessAuditLogsRead),
        Section(title: "Audit log", path: "/audit", permission: .accountSettingsRead),
        Section(title: "Zero Trust", path: "/zero-trust", permission: .identityRead),
    ]
}
