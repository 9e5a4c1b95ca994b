import Crypto
package import HTTP
package import Primitives

/// The note, in the address that a login comes back to, of when this very request sent the person to sign in: what tells
/// a fresh login from an old session. Signed, for otherwise people could spare themselves the login that an application
/// asks for.
package enum AskedAt {
    package static let parameter = "asked_at"
    private static let lifetime = Duration.seconds(900)

    package static func sealed(_ instant: Timestamp, for query: QueryString, by vault: Vault) -> String {
        let time = "\(instant.microseconds)"
        return time + "." + Base64URL.encode(vault.authenticator(of: signed(time, query)))
    }

    /// The instant that a request carries; `nil` when there is none, it belongs to another request, or is too long ago.
    package static func read(_ query: QueryString, vault: Vault, at now: Timestamp) -> Timestamp? {
        guard query.count(parameter) == 1, let text = query[parameter] else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let microseconds = Int64(parts[0]), let seal = Base64URL.decode(parts[1]),
            constantTimeEqual(seal, vault.authenticator(of: signed(String(parts[0]), query)))
        else { return nil }
        let instant = Timestamp(microseconds: microseconds)
        return instant <= now && now < instant + lifetime ? instant : nil
    }

    private static func signed(_ time: String, _ query: QueryString) -> [UInt8] {
        let rest = QueryString(items: query.items.filter { $0.name != parameter })
        return Array("oidc login".utf8) + [0] + Array(time.utf8) + [0] + Array(rest.text.utf8)
    }
}
