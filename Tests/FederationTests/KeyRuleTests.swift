import Crypto
import Domain
import Federation
import JOSE
import JSON
import Primitives
import Testing

@Suite("Rules about keys")
struct KeyRuleTests {
    @Test("every accepted algorithm verifies", arguments: JWSAlgorithm.allCases)
    func algorithms(_ algorithm: JWSAlgorithm) async throws {
        let bench = try Bench()
        bench.publish([JWK(TestKeys.key(for: algorithm).publicKey, keyID: "k1", algorithm: algorithm)])
        var draft = bench.good
        draft.key = TestKeys.key(for: algorithm)
        draft.algorithm = algorithm
        #expect(try await bench.reason(draft) == nil)
    }

    @Test("a public key never acts as a shared secret")
    func confusion() async throws {
        let bench = try Bench()
        let header = Base64URL.encode(Array(#"{"alg":"HS256","kid":"k1","typ":"JWT"}"#.utf8))
        let payload = Base64URL.encode(JSONValue.object(bench.good.claims).serializedBytes())
        for secret in [Array(TestKeys.rsa.publicKey.pem.utf8), TestKeys.rsa.publicKey.spki] {
            let mac = HMAC.sha256(key: secret, Array("\(header).\(payload)".utf8))
            let verdict = await bench.verdict("\(header).\(payload).\(Base64URL.encode(mac.bytes))")
            #expect(verdict.reason == .unsupportedAlgorithm)
        }
    }

    @Test("a shared secret in the set is never used")
    func octets() async throws {
        let bench = try Bench()
        bench.publish([
            ["kty": "oct", "kid": "k1", "k": "c2VjcmV0"],
            JWK(TestKeys.rsa.publicKey, keyID: "k2", algorithm: .rs256).object,
        ])
        #expect(try await bench.reason(bench.good) == .badSignature)
    }

    @Test("without kid the one key that fits is used, and none where several do")
    func withoutKeyID() async throws {
        let bench = try Bench()
        let (rsa, ec) = (
            JWK(TestKeys.rsa.publicKey, keyID: "k1", algorithm: .rs256),
            JWK(TestKeys.p256.publicKey, keyID: "k2", algorithm: .es256)
        )
        bench.publish([rsa, ec])
        var draft = bench.good
        draft.header["kid"] = nil
        #expect(try await bench.reason(draft) == nil)
        let both = try Bench()
        both.publish([rsa, ec, JWK(TestKeys.otherRSA.publicKey, keyID: "k3", algorithm: .rs256)])
        #expect(try await both.reason(draft) == .unknownKey)
    }

    @Test("two keys of one kid and type are both unusable")
    func twins() async throws {
        let bench = try Bench()
        bench.publish([
            JWK(TestKeys.rsa.publicKey, keyID: "k1", algorithm: .rs256),
            JWK(TestKeys.otherRSA.publicKey, keyID: "k1", algorithm: .rs256),
        ])
        #expect(try await bench.reason(bench.good) == .unknownKey)
        // Of two types, alg tells which is meant.
        let mixed = try Bench()
        mixed.publish([
            JWK(TestKeys.rsa.publicKey, keyID: "k1", algorithm: .rs256),
            JWK(TestKeys.p256.publicKey, keyID: "k1", algorithm: .es256),
        ])
        #expect(try await mixed.reason(mixed.good) == nil)
    }

    @Test(
        "weak keys are named as such",
        arguments: [
            [
                "kty": "RSA", "kid": "k1", "e": "AQAB",
                "n": .string(Base64URL.encode([0xC1] + [UInt8](repeating: 0xAB, count: 127))),
            ],
            [
                "kty": "RSA", "kid": "k1", "e": "AQ",
                "n": .string(Base64URL.encode([0xC1] + [UInt8](repeating: 0xAB, count: 255))),
            ],
            [
                "kty": "RSA", "kid": "k1", "e": "Ag",
                "n": .string(Base64URL.encode([0xC1] + [UInt8](repeating: 0xAB, count: 255))),
            ],
            [
                "kty": "RSA", "kid": "k1", "e": "AQAB",
                "n": .string(Base64URL.encode([0xC1] + [UInt8](repeating: 0xAB, count: 1026))),
            ],
        ] as [JSONObject])
    func weakRSA(_ key: JSONObject) async throws {
        let bench = try Bench()
        bench.publish([key])
        #expect(try await bench.reason(bench.good) == .weakKey)
    }

    @Test("a key on another curve than alg names, or off its curve, is weak")
    func curves() async throws {
        let bench = try Bench()
        var draft = bench.good
        draft.key = TestKeys.p256
        draft.algorithm = .es256
        bench.publish([JWK(TestKeys.p384.publicKey, keyID: "k1", algorithm: .es384).object.removing("alg")])
        #expect(try await bench.reason(draft) == .weakKey)
        let off = try Bench()
        var key = JWK(TestKeys.p256.publicKey, keyID: "k1", algorithm: .es256).object
        key["y"] = key["x"]
        off.publish([key])
        #expect(try await off.reason(draft) == .weakKey)
    }

    @Test(
        "a key whose owner does not mean it for this disqualifies",
        arguments: [
            ("use", "enc"), ("key_ops", ["sign"]), ("key_ops", []), ("alg", "RS512"),
        ] as [(String, JSONValue)])
    func purpose(_ member: String, _ value: JSONValue) async throws {
        let bench = try Bench()
        var key = JWK(TestKeys.rsa.publicKey, keyID: "k1", algorithm: .rs256).object
        key[member] = value
        bench.publish([key])
        #expect(try await bench.reason(bench.good) == .badSignature)
    }

    @Test("an ECDSA signature is raw and of exact length")
    func rawSignature() async throws {
        let bench = try Bench()
        bench.publish([JWK(TestKeys.p256.publicKey, keyID: "k1", algorithm: .es256)])
        var draft = bench.good
        draft.key = TestKeys.p256
        draft.algorithm = .es256
        draft.tamper = { token in
            let parts = token.split(separator: ".")
            let raw = Base64URL.decode(parts[2]) ?? []
            return "\(parts[0]).\(parts[1]).\(Base64URL.encode([0] + raw))"
        }
        #expect(try await bench.reason(draft) == .badSignature)
    }

    @Test("a key that cannot be read is skipped")
    func skipped() async throws {
        let bench = try Bench()
        bench.publish([
            ["kty": "RSA"], ["kty": "new"], JWK(TestKeys.rsa.publicKey, keyID: "k1", algorithm: .rs256).object,
        ])
        #expect(try await bench.reason(bench.good) == nil)
    }
}
