import Crypto
import JOSE
import JSON
import Primitives
import Testing

@Suite("Signing of tokens")
struct SigningTests {
    private static let templates: [JWSAlgorithm: KeyTemplate] = [
        .rs256: .rsa(bits: 2048), .ps384: .rsa(bits: 2048), .es256: .elliptic(.p256), .es384: .elliptic(.p384),
        .es512: .elliptic(.p521), .edDSA: .ed25519,
    ]

    @Test("a signed token is read and verified through the published set", arguments: Array(templates.keys))
    func roundTrip(_ algorithm: JWSAlgorithm) throws {
        let key = try PrivateKey.generate(try #require(Self.templates[algorithm]))
        let keyID = key.publicKey.spkiSHA256.hex
        let published = try JWKSet.parse(JWKSet([JWK(key.publicKey, keyID: keyID, algorithm: algorithm)]).serialized())
        let claims: JSONObject = [
            "iss": "https://a.example", "aud": ["x", "y"], "exp": 1_900_000_000, "name": "Zoë \"Z\"",
        ]
        let signer = try JWTSigner(key, algorithm: algorithm, keyID: keyID)
        for _ in 0..<3 {
            let token = try CompactJWS.parse(signer.sign(claims))
            #expect(token.claims == claims)
            #expect(token.header == ["alg": .string(algorithm.rawValue), "kid": .string(keyID), "typ": "JWT"])
            guard case .key(let found) = published.select(keyID: token.keyID, for: algorithm) else {
                Issue.record("the published key was not chosen")
                return
            }
            #expect(try token.verify(with: found.verifier(for: algorithm)))
        }
    }

    @Test("the header is the caller's, except for its algorithm")
    func header() throws {
        let key = try PrivateKey.generate(.elliptic(.p256))
        let signer = try JWTSigner(key, algorithm: .es256, keyID: "k", type: nil)
        let segments = try JWSSegments(Array(signer.sign(["a": 1], header: ["alg": "none", "typ": "at+jwt"]).utf8))
        #expect(try JSONParser.parse(segments.header) == ["alg": "ES256", "typ": "at+jwt"])
        let plain = try JWSSegments(Array(signer.sign(payload: Array("{}".utf8)).utf8))
        #expect(String(decoding: plain.header, as: UTF8.self) == #"{"alg":"ES256","kid":"k"}"#)
        #expect(plain.verify(with: try SignatureVerifier(key.publicKey, .ecdsa(.sha256))))
    }

    @Test("a key signs only with its own algorithms")
    func wrongKeys() throws {
        let key = try PrivateKey.generate(.elliptic(.p256))
        for algorithm in JWSAlgorithm.allCases where algorithm != .es256 {
            #expect(throws: CryptoError.wrongKeyForAlgorithm) { try JWTSigner(key, algorithm: algorithm, keyID: nil) }
        }
    }
}
