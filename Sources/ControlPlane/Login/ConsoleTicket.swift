import Crypto
package import Domain
import HTTP
import JSON
package import Primitives
package import Store

/// Brings a member from the team that signed them in back to the console, once.
///
/// The identity provider only knows the callback of a team, so the way to the console leads over the host of the account
/// that holds the primary IdP. The ticket is sealed, works for a minute, for one browser, and one time.
package struct ConsoleTicket: Sendable, Equatable {
    package let email: String
    /// The primary IdP that the person came in through.
    package let provider: IdentityProviderID
    /// SHA-256 of the cookie that the console gave the browser before it left.
    let browserDigest: [UInt8]
    let expiresAt: Timestamp

    package static let lifetime = Duration.seconds(60)
    /// How old the login may be at most: whoever has a session for hours is asked again.
    static let freshness = Duration.seconds(300)
    private static let label = "console ticket"

    private init(email: String, provider: IdentityProviderID, browserDigest: [UInt8], expiresAt: Timestamp) {
        self.email = email
        self.provider = provider
        self.browserDigest = browserDigest
        self.expiresAt = expiresAt
    }

    /// A ticket for whoever just signed in to a team through an identity provider that some organization designated.
    init(_ session: Session, browserDigest: [UInt8], at now: Timestamp) {
        self.init(
            email: session.email, provider: session.provider, browserDigest: browserDigest,
            expiresAt: now + Self.lifetime)
    }

    func sealed(by vault: Vault) throws(CryptoError) -> String {
        let fields: JSONObject = [
            "email": .string(email), "idp": .string(provider.uuid), "browser": .string(Base64URL.encode(browserDigest)),
            "until": .integer(expiresAt.microseconds),
        ]
        return Base64URL.encode(try vault.seal(JSONValue.object(fields).serializedBytes(), for: Self.label))
    }

    /// `nil` for what is no ticket, has expired, or was made for another browser.
    package init?(_ text: String, for browser: BrowserSecret, _ vault: Vault, at now: Timestamp) {
        guard text.utf8.count <= 4096, let sealed = Base64URL.decode(text),
            let bytes = try? vault.open(sealed, for: Self.label), let value = try? JSONParser.parse(bytes),
            let email = value["email"]?.stringValue,
            let provider = value["idp"]?.stringValue.flatMap({ IdentityProviderID(uuid: $0) }),
            let digest = value["browser"]?.stringValue.flatMap({ Base64URL.decode($0) }),
            let end = value["until"]?.integerValue, now < Timestamp(microseconds: end),
            constantTimeEqual(digest, browser.digest)
        else { return nil }
        self.init(email: email, provider: provider, browserDigest: digest, expiresAt: Timestamp(microseconds: end))
    }

    /// Under this the ticket is marked as used.
    package static func digest(_ text: String) -> [UInt8] { SHA256.hash("console ticket \(text)").bytes }
}

/// Where the way to the console leads over a team.
package enum ConsoleHop {
    package static let path = "/cdn-cgi/access/console"

    /// The address at which somebody signs in with a primary IdP, always anew, and from which they come back.
    ///
    /// - Parameters:
    ///   - browser: the cookie of the console's browser.
    ///   - next: the page of the console to end at.
    package static func address(
        at team: String, through provider: IdentityProviderID, for browser: BrowserSecret, next: String,
        _ settings: Settings
    ) -> String {
        var back = QueryString()
        back.append("state", Base64URL.encode(browser.digest))
        back.append("next", next)
        var query = QueryString()
        query.append("prompt", "login")
        query.append("redirect_url", path + "?" + back.text)
        let host = PercentEncoding.encode(settings.teamHost(team))
        return "\(settings.teamOrigin(team))/cdn-cgi/access/login/\(host)/idp/\(provider.uuid)?\(query.text)"
    }
}

extension LoginDesk {
    /// The address at the console for somebody who just signed in to this team with a primary IdP.
    ///
    /// - Parameter state: what the console's browser was sent with.
    /// - Returns: `nil` where they did not, or too long ago.
    package func wayToConsole(
        state: String, next: String, _ session: Session, at team: TeamSettings
    ) throws(Failure) -> String? {
        guard let digest = Base64URL.decode(state), digest.count == 32, LocalPath.isSafe(next),
            session.sourceAccount == nil, now - session.createdAt <= ConsoleTicket.freshness,
            try reader.designates(session.provider, of: team.account)
        else { return nil }
        let ticket: String
        do throws(CryptoError) {
            ticket = try ConsoleTicket(session, browserDigest: digest, at: now).sealed(by: plane.vault)
        } catch { throw .inconsistent("sealing failed: \(error)") }
        var query = QueryString()
        query.append("ticket", ticket)
        query.append("next", next)
        return "\(plane.settings.publicURL)/sign-in/return?\(query.text)"
    }
}
