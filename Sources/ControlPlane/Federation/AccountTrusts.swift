package import Domain
package import Federation
import Primitives
package import Store

extension Reading {
    /// The identity providers that an account believes: its own, its connections, and those it had a connection to.
    package func issuerTrust(of account: AccountID) throws(Failure) -> IssuerTrust {
        let governed = try governed(account)
        func standing(_ id: IdentityProviderID) -> TrustedIssuer.Standing {
            guard let governed, governed.isEnforced else { return .allowed }
            return governed.allowed == id ? .allowed : .enforcedOff
        }
        var issuers: [TrustedIssuer] = []
        for provider in try identityProviders(of: account) {
            guard let profile = VerificationProfile(provider) else { continue }
            issuers.append(TrustedIssuer(id: provider.id, profile: profile, standing: standing(provider.id)))
        }
        for connection in try connections(of: account) {
            guard let profile = VerificationProfile(connection.source) else { continue }
            issuers.append(TrustedIssuer(id: connection.id, profile: profile, standing: standing(connection.id)))
        }
        for connection in try endedConnections(of: account) {
            guard let profile = VerificationProfile(connection.source) else { continue }
            issuers.append(TrustedIssuer(id: connection.id, profile: profile, standing: .ended))
        }
        return IssuerTrust(issuers)
    }
}

/// What each account believes, as this loop has read it. Void when an identity provider, a connection or a designation
/// changes, and when accounts, organizations or members do. Belongs to one loop.
final class AccountTrusts {
    private var known: [AccountID: IssuerTrust] = [:]
    private let capacity = 1024

    func forget() { known.removeAll(keepingCapacity: true) }

    func trust(of account: AccountID, in reader: any Reading) throws(Failure) -> IssuerTrust {
        if let trust = known[account] { return trust }
        let trust = try reader.issuerTrust(of: account)
        if known.count >= capacity { forget() }
        known[account] = trust
        return trust
    }
}
