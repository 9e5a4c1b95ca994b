package import Domain
import Primitives
package import Store

/// Recognises people by an ID token of their organization's primary IdP.
package protocol IdentityTokenAuthenticator: Sendable {
    /// The member whom a valid ID token names, with the rights of their memberships; `nil` for any other token.
    func principal(forIDToken token: String) async throws(Failure) -> Principal?
}
