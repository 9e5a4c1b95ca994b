/// Every operation of the REST API, in the order of the reference.
package enum AllRoutes {
    package static let groups: [any RouteGroup.Type] = organizations + accounts + access + bridge

    private static let organizations: [any RouteGroup.Type] = [
        OrganizationRoutes.self, OrganizationMemberRoutes.self, PrimaryIdPRoutes.self, CoverageRoutes.self,
    ]
    private static let accounts: [any RouteGroup.Type] = [
        AccountRoutes.self, AccountMemberRoutes.self, AccountTokenRoutes.self, UserTokenRoutes.self, UserRoutes.self,
        AuditRoutes.self, ShareRoutes.self, ShareRecipientRoutes.self, ShareResourceRoutes.self,
    ]
    private static let access: [any RouteGroup.Type] = [
        ZeroTrustOrganizationRoutes.self, ApplicationRoutes.self, ApplicationPolicyRoutes.self, PolicyRoutes.self,
        PolicyTestRoutes.self,
        AccessGroupRoutes.self, TagRoutes.self, CustomPageRoutes.self, ServiceTokenRoutes.self, KeyRoutes.self,
        AccessUserRoutes.self, SeatRoutes.self, OAuthClientRoutes.self, OAuthGrantRoutes.self, AccessLogRoutes.self,
        BookmarkRoutes.self, MCPRoutes.self,
    ]
    private static let bridge: [any RouteGroup.Type] = [
        IdentityProviderRoutes.self, IdentityProviderTestRoutes.self, FederationGrantRoutes.self, BridgeRoutes.self,
        TokenValidationRoutes.self,
    ]
}
