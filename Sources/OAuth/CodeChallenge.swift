import Crypto
import Primitives

/// Proof key for code exchange (RFC 7636) with the method S256, the only one: `plain` would show the verifier to whoever
/// sees the request.
package struct CodeChallenge: Hashable, Sendable {
    /// 43 characters of base64url: a SHA-256.
    package let text: String

    /// One that was checked before, as it was stored.
    package init?(_ text: String) {
        guard text.utf8.count == 43, Base64URL.decode(text)?.count == 32 else { return nil }
        self.text = text
    }

    /// Reads `code_challenge` and `code_challenge_method` of an authorization request.
    ///
    /// - Parameter isRequired: whether a request without them is refused.
    /// - Throws: `invalid_request` for any other method, for a method left out (which RFC 7636 §4.3 takes for `plain`), for
    ///   what is no SHA-256, and for nothing where something is required.
    package static func read(_ parameters: Parameters, isRequired: Bool) throws(OAuthError) -> CodeChallenge? {
        guard let text = parameters["code_challenge"] else {
            guard !isRequired else {
                throw OAuthError(.invalidRequest, "code_challenge is missing: PKCE with S256 is required")
            }
            guard parameters["code_challenge_method"] == nil else {
                throw OAuthError(.invalidRequest, "code_challenge_method without code_challenge")
            }
            return nil
        }
        guard parameters["code_challenge_method"] == "S256" else {
            throw OAuthError(.invalidRequest, "code_challenge_method must be S256")
        }
        guard let challenge = CodeChallenge(text) else {
            throw OAuthError(.invalidRequest, "code_challenge must be the base64url of a SHA-256: 43 characters")
        }
        return challenge
    }

    /// Whether this is the challenge of a verifier (RFC 7636 §4.6): 43 to 128 unreserved characters (§4.1).
    package func isMet(by verifier: String) -> Bool {
        guard (43...128).contains(verifier.utf8.count), verifier.utf8.allSatisfy({ Self.isUnreserved($0) }) else {
            return false
        }
        return constantTimeEqual(Base64URL.encode(SHA256.hash(verifier).bytes).utf8, text.utf8)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
