import Crypto
package import Domain
import Primitives
package import Store

extension Act {
    /// Allows an identity provider to be shared, and provisions the hidden application that will broker its logins.
    package func createGrant(for id: IdentityProviderID, in account: AccountID) throws(Failure) -> FederationGrant {
        guard let provider = try transaction.identityProvider(id, in: account) else {
            if try transaction.hasIdentityProvider(id, in: account) {
                throw .refused(
                    .bridgeNotFederable, "a connection cannot be shared on: bridges do not chain", at: "/idp_id")
            }
            throw .refused(.accessNotFound, "identity provider not found", at: "/idp_id")
        }
        guard try transaction.root(of: account) != nil else {
            throw .refused(.bridgeNoOrganization, "the account is in no organization: move it into one first")
        }
        guard provider.type.isFederable else {
            throw .refused(.bridgeNotFederable, "type \(provider.type.rawValue) cannot be shared", at: "/idp_id")
        }
        guard try transaction.grant(of: id) == nil else {
            throw .refused(.bridgeExists, "the identity provider has a grant already", at: "/idp_id")
        }
        guard try transaction.grants(of: account).count < FederationGrant.limit else {
            throw .refused(.bridgeLimit, "an account holds at most \(FederationGrant.limit) grants")
        }
        let grant = FederationGrant(id: GrantID(at: now), account: account, identityProvider: id, createdAt: now)
        try transaction.insert(
            grant, bridgeApplication: BridgeApplicationID(at: now), audience: RandomBytes.generate(32))
        record(AuditEvent(.create, AuditedResource(.federationGrant, grant.id.uuid), account: account))
        return grant
    }

    package func deleteGrant(_ id: GrantID, in account: AccountID) throws(Failure) {
        guard let grant = try transaction.grant(id, in: account) else {
            throw .refused(.accessNotFound, "grant not found")
        }
        guard try !transaction.isPrimary(id) else {
            throw .refused(
                .bridgeIsPrimary,
                "the grant carries the primary identity provider of an organization: end the designation first")
        }
        try remove(grant)
    }
}
