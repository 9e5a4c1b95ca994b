import Crypto
import JOSE
import JSON
import Primitives
import Testing

@Suite("Changed tokens")
struct MutationTests {
    /// One token an algorithm family: the shortest keys, so that every byte can be tried.
    private static let samples: [SignedVector] = ["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"].compactMap {
        name in
        SignedVector.cross.first { $0.algorithm == name }
    }

    private func verifier(_ vector: SignedVector) throws -> SignatureVerifier {
        try #require(JWK(vector.key)).verifier(for: try #require(JWSAlgorithm(rawValue: vector.algorithm)))
    }

    @Test("no changed byte verifies", arguments: samples)
    func bytes(_ vector: SignedVector) throws {
        let verifier = try verifier(vector)
        let bytes = Array(vector.token.utf8)
        for position in bytes.indices {
            // The lowest bit, a bit that leaves the alphabet, and another digit.
            for mask: UInt8 in [0x01, 0x80, 0x10] {
                var changed = bytes
                changed[position] ^= mask
                let isAccepted = (try? JWSSegments(changed))?.verify(with: verifier) ?? false
                #expect(!isAccepted, "byte \(position), mask \(mask)")
            }
        }
        #expect(try JWSSegments(bytes).verify(with: verifier))
    }

    @Test("no token verifies that lost or gained a byte", arguments: samples)
    func lengths(_ vector: SignedVector) throws {
        let verifier = try verifier(vector)
        let bytes = Array(vector.token.utf8)
        for position in bytes.indices {
            var shorter = bytes
            shorter.remove(at: position)
            #expect((try? JWSSegments(shorter))?.verify(with: verifier) != true)
            var longer = bytes
            longer.insert(UInt8(ascii: "A"), at: position)
            #expect((try? JWSSegments(longer))?.verify(with: verifier) != true)
        }
    }

    @Test("a stripped or borrowed signature does not verify")
    func signatures() throws {
        for vector in Self.samples {
            let verifier = try verifier(vector)
            let head = vector.token[..<(try #require(vector.token.lastIndex(of: ".")))]
            #expect(throws: JOSEError.malformed) { try CompactJWS.parse(String(head)) }
            #expect(throws: JOSEError.malformed) { try CompactJWS.parse(head + ".") }
            #expect(try !CompactJWS.parse(head + ".AA").verify(with: verifier))
            for other in SignedVector.cross where other.token != vector.token {
                let signature = other.token[(try #require(other.token.lastIndex(of: ".")))...]
                #expect(try !CompactJWS.parse(String(head) + signature).verify(with: verifier))
            }
        }
    }

    @Test("a second spelling of the signature is malformed")
    func secondSpelling() throws {
        for vector in Self.samples {
            for suffix in ["=", "==", "\n", " ", "\0", "."] {
                #expect(throws: JOSEError.malformed) { try CompactJWS.parse(vector.token + suffix) }
            }
        }
    }

    @Test("the algorithm in the header never chooses how to verify")
    func algorithmConfusion() throws {
        let key = try PrivateKey.generate(.elliptic(.p256))
        let verifier = try SignatureVerifier(key.publicKey, .ecdsa(.sha256))
        let claims: JSONObject = ["sub": "x"]
        let payload = JSONValue.object(claims).serialized()
        #expect(try CompactJWS.parse(JWTSigner(key, algorithm: .es256, keyID: nil).sign(claims)).verify(with: verifier))
        // The same key signs, but the header names something else.
        for name in ["none", "None", "NONE", "", "HS256", "RS256", "ES384", "es256", "EdDSA", "PS256"] {
            let input = token("{\"alg\":\"\(name)\"}", payload, signature: "")
            let signature = try key.sign(input.utf8.dropLast(), .ecdsa(.sha256))
            let parsed = try CompactJWS.parse(input + Base64URL.encode(signature))
            #expect(!parsed.verify(with: verifier))
        }
        let input = token("{}", payload, signature: "")
        let signature = try key.sign(input.utf8.dropLast(), .ecdsa(.sha256))
        #expect(try !CompactJWS.parse(input + Base64URL.encode(signature)).verify(with: verifier))
    }

    @Test("a public key is no HMAC secret")
    func publicKeyAsSecret() throws {
        let vector = try #require(SignedVector.cross.first { $0.algorithm == "RS256" })
        let key = try #require(JWK(vector.key)?.publicKey)
        let input = token(#"{"alg":"HS256"}"#, #"{"sub":"admin"}"#, signature: "")
        for secret in [Array(key.pem.utf8), key.spki] {
            let mac = HMAC.sha256(key: secret, input.utf8.dropLast()).bytes
            let parsed = try CompactJWS.parse(input + Base64URL.encode(mac))
            #expect(parsed.algorithm == nil)
            #expect(try !parsed.verify(with: verifier(vector)))
        }
    }

    @Test("keys inside the header are never used")
    func embeddedKeys() throws {
        let attacker = try PrivateKey.generate(.elliptic(.p256))
        let embedded = try JWKSet([JWK(attacker.publicKey, keyID: "k", algorithm: .es256)]).serialized()
        let jwk = try #require(try JSONParser.parse(embedded)["keys"]?[0])
        let header: JSONObject = [
            "kid": "k", "jwk": jwk, "jku": "https://attacker.example/keys", "x5u": "https://attacker.example/chain",
            "x5c": ["AA"], "x5t": "AA",
        ]
        let text = try JWTSigner(attacker, algorithm: .es256, keyID: nil).sign(["sub": "admin"], header: header)
        let ours = try PrivateKey.generate(.elliptic(.p256))
        let parsed = try CompactJWS.parse(text)
        #expect(parsed.keyID == "k")
        #expect(try !parsed.verify(with: SignatureVerifier(ours.publicKey, .ecdsa(.sha256))))
    }
}
