/// Every operation of the REST API, in the order of the reference.
package enum AllRoutes {
    package static let groups: [any RouteGroup.Type] = [
        IdentityProviderRoutes.self, FederationGrantRoutes.self, ShareRoutes.self, ShareRecipientRoutes.self,
        ShareResourceRoutes.self, PrimaryIdPRoutes.self, BridgeRoutes.self, ServiceTokenRoutes.self,
    ]
}
