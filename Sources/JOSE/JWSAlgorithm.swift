// JSON Object Signing (RFC 7515, 7517, 7518, 7519, 8037): compact tokens, key sets, signing and verification.
//
// Invariants: there is no way to spell `none` or an HMAC algorithm, so a public key can never act as a shared secret; a
// token is verified under the algorithm of a verifier that was made for one key, never under what its header asks for;
// header members that carry or locate keys are never read. Read `CompactJWS` first.

package import Crypto

/// The asymmetric signature algorithms of RFC 7518 §3.1 and RFC 8037 §3.1.
package enum JWSAlgorithm: String, Hashable, Sendable, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"

    package var signature: SignatureAlgorithm {
        switch self {
        case .rs256: .rsaPKCS1(.sha256)
        case .rs384: .rsaPKCS1(.sha384)
        case .rs512: .rsaPKCS1(.sha512)
        case .ps256: .rsaPSS(.sha256)
        case .ps384: .rsaPSS(.sha384)
        case .ps512: .rsaPSS(.sha512)
        case .es256: .ecdsa(.sha256)
        case .es384: .ecdsa(.sha384)
        case .es512: .ecdsa(.sha512)
        case .edDSA: .ed25519
        }
    }

    /// The type of key that can make and check such signatures.
    package var keyType: JWK.KeyType {
        switch self {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: .rsa
        case .es256, .es384, .es512: .elliptic
        case .edDSA: .octetKeyPair
        }
    }
}
