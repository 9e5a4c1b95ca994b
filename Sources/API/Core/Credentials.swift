import Crypto
import Domain
import HTTP
import Primitives
import Store

/// What a request shows to say who is calling.
enum ShownCredential: Sendable {
    /// A bearer value that is looked up by its digest.
    case apiToken(digest: Digest32)
    /// An access token of managed OAuth: a program that acts for a member.
    case agentToken(digest: Digest32)
    /// A bearer value in three segments: an ID token.
    case idToken([UInt8], digest: Digest32)

    /// Reads the header fields of a request (contract 10 §2).
    init(_ request: Request) throws(Refusal) {
        if request.count(.xAuthKey) + request.count(.xAuthEmail) + request.count(.xAuthUserServiceKey) > 0 {
            if request.count(.authorization) > 0 {
                throw Refusal(
                    .invalidAuthorizationHeader, "two different credentials: send Authorization only",
                    at: "#authorization")
            }
            throw Refusal(
                .globalKeyRefused, "global keys are not accepted: use Authorization: Bearer", at: "#x-auth-key")
        }
        switch request.count(.authorization) {
        case 0: throw Refusal(.missingCredentials, at: "#authorization")
        case 1: break
        default: throw Refusal(.invalidAuthorizationHeader, "Authorization is repeated", at: "#authorization")
        }
        guard let value = request.valueBytes(.authorization), let token = Self.bearer(value) else {
            throw Refusal(.invalidAuthorizationHeader, "send Authorization: Bearer TOKEN", at: "#authorization")
        }
        let digest = SHA256.hash(token)
        if token.starts(with: Self.agentPrefix) {
            self = .agentToken(digest: digest)
        } else if token.count(where: { $0 == UInt8(ascii: ".") }) == 2 {
            self = .idToken(Array(token), digest: digest)
        } else {
            self = .apiToken(digest: digest)
        }
    }

    private static let agentPrefix = Array("oauth:".utf8)

    /// The token of `Bearer TOKEN`; the scheme in any case, the token in the alphabet of RFC 6750 §2.1, behind the prefix
    /// of managed OAuth if it has that.
    private static func bearer(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let scheme = Array("bearer".utf8)
        guard value.count > scheme.count + 1, zip(value, scheme).allSatisfy({ $0 | 0x20 == $1 }) else { return nil }
        let rest = value.dropFirst(scheme.count)
        guard rest.first == UInt8(ascii: " ") else { return nil }
        let token = rest.drop { $0 == UInt8(ascii: " ") }
        let rest68 = token.starts(with: agentPrefix) ? token.dropFirst(agentPrefix.count) : token
        guard !rest68.isEmpty, token.count <= 16_384, rest68.allSatisfy(\.isTokenCharacter) else { return nil }
        return token
    }

    var digest: Digest32 {
        switch self {
        case .apiToken(let digest), .agentToken(let digest), .idToken(_, let digest): digest
        }
    }
}

extension UInt8 {
    /// `token68` of RFC 9110 §11.2.
    fileprivate var isTokenCharacter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "+"),
            UInt8(ascii: "/"),
            UInt8(ascii: "="):
            true
        default: false
        }
    }
}
