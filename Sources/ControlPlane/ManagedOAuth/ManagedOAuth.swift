// Managed OAuth (contract 50): Access as the authorization server of applications, for agents that act as the person who
// let them, visibly. `OAuthDesk` holds the use cases of one loop; bytes and pages are the portal's.
//
// Invariants: nothing that a client holds is stored, only its SHA-256; a code and a refresh token are judged and used up
// in one transaction; no answer goes to a redirect URI that the client did not register and the application does not
// allow; tokens are bound to one application.

import Domain
import Federation
import Primitives

/// What all loops share: limits and the documents of clients.
package final class ManagedOAuth: Sendable {
    package let documents: ClientDocuments
    /// Registrations of an address.
    let registrations = SlidingLimit<IPAddress>(20, in: .seconds(60))
    /// Requests of an address to the token endpoint: far more than agents behind one address need, few enough to end a
    /// guessing game.
    let tokenRequests = SlidingLimit<IPAddress>(600, in: .seconds(60))

    package init(documents: ClientDocuments) { self.documents = documents }
}
