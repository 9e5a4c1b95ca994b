/// Every page of the console. A new page is a file with a `ConsolePages`, and a line here.
enum AllPages {
    static let groups = own + AccountPages.groups

    private static let own: [any ConsolePages.Type] = [
        OverviewPage.self, OrganizationsPage.self, AccountsPage.self, NewAccountPage.self, SummaryPage.self,
        BridgePages.self, TreePage.self, OrganizationSettingsPage.self, OrganizationMembersPage.self,
        AccountMembersPage.self,
        AccountSettingsPage.self, DriftFixes.self, DriftPage.self, IdentityProvidersPage.self,
        IdentityProviderPage.self,
        PrimaryIdPPage.self, PrimaryIdPWizard.self, OrganizationAuditPage.self,
    ]
}
