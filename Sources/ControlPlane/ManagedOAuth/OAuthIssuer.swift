import Crypto
import Domain
import HTTP
import JSON
import Primitives
package import Store

/// One of the names under which the server answers as an authorization server (contract 50 §1): that of an account's team,
/// of an application's host, or its own public URL for its API.
package struct OAuthIssuer: Sendable {
    package enum Place: Sendable {
        case team(TeamSettings)
        /// With the applications of an account that have managed OAuth on this host.
        case host([GuardedApplication], TeamSettings)
        /// The control plane's own API.
        case server
    }

    /// The origin, without a trailing slash.
    package let text: String
    package let place: Place

    /// Whose people sign in; `nil` at the server itself, where that depends on the person.
    package var team: TeamSettings? {
        switch place {
        case .team(let team), .host(_, let team): team
        case .server: nil
        }
    }

    var account: AccountID? { team?.account }

    /// Whether clients may come here that nobody has registered for them.
    package var admitsUnknownClients: Bool {
        guard case .host(let applications, _) = place else { return true }
        return applications.contains { $0.managedOAuth?.admitsUnknownClients == true }
    }
}

extension OAuthDesk {
    package func issuer(of team: TeamSettings) -> OAuthIssuer {
        OAuthIssuer(text: plane.settings.teamOrigin(team.team), place: .team(team))
    }

    /// - Parameters:
    ///   - authority: host and port as the client knows them.
    /// - Returns: `nil` where no application on the host has managed OAuth.
    package func issuer(ofHost authority: String) throws(Failure) -> OAuthIssuer? {
        guard let address = WebAddress("\(plane.settings.scheme)://\(authority)/"), !address.hasUserInfo else {
            return nil
        }
        var found: [GuardedApplication] = []
        for place in try desk.access.allPlaces(host: address.host, in: desk.reader) {
            guard !found.contains(where: { $0.id == place.application }),
                let application = try desk.application(place.application, of: place.account),
                application.managedOAuth != nil
            else { continue }
            found.append(application)
        }
        guard let first = found.first else { return nil }
        // A host may be shared; whose applications come first is who answers under its name.
        return OAuthIssuer(
            text: address.origin, place: .host(found.filter { $0.account == first.account }, first.team))
    }
}

/// The issuer of a request that goes on at the team's host, signed, so that nobody else can name one.
struct SealedIssuer {
    let issuer: String
    let account: AccountID

    func sealed(by vault: Vault) -> String {
        let content = Array("\(account.hex) \(issuer)".utf8)
        return Base64URL.encode(content + vault.authenticator(of: Self.signed(content)))
    }

    init(issuer: String, account: AccountID) {
        self.issuer = issuer
        self.account = account
    }

    /// `nil` for what this server did not seal.
    init?(_ text: String, vault: Vault) {
        guard let bytes = Base64URL.decode(text), (49...2048).contains(bytes.count) else { return nil }
        let content = Array(bytes.dropLast(16))
        guard constantTimeEqual(vault.authenticator(of: Self.signed(content)), Array(bytes.suffix(16))) else {
            return nil
        }
        let parts = String(decoding: content, as: UTF8.self).split(separator: " ")
        guard parts.count == 2, let account = AccountID(hex: parts[0]) else { return nil }
        self.init(issuer: String(parts[1]), account: account)
    }

    private static func signed(_ content: [UInt8]) -> [UInt8] { Array("oauth issuer".utf8) + [0] + content }
}
