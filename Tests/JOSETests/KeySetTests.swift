import Crypto
import JOSE
import JSON
import Primitives
import Testing

@Suite("Key sets")
struct KeySetTests {
    private static let p256: JSONObject = [
        "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    ]

    private static func rsa(_ members: JSONObject = [:]) -> JSONObject {
        let vector = SignedVector.rfc.first { $0.algorithm == "RS256" }
        return (vector?.key.objectValue ?? [:]).merged(with: members)
    }

    private func set(_ keys: [JSONObject]) throws -> JWKSet {
        try JWKSet(.object(["keys": .array(keys.map(JSONValue.object))]))
    }

    private func outcome(_ set: JWKSet, _ keyID: String?, _ algorithm: JWSAlgorithm) -> String {
        switch set.select(keyID: keyID, for: algorithm) {
        case .key(let key): "key \(key.keyID ?? "-")"
        case .unknown: "unknown"
        case .unusable(let problem): "\(problem)"
        }
    }

    @Test("a key that cannot be read is skipped and counted")
    func skipping() throws {
        let unreadable: [JSONValue] = [
            .null, "key", [:], ["kty": "RSA"], ["kty": "AKP", "pub": "AA"], ["kty": "EC", "crv": "P-256", "x": "AA"],
            .object(Self.p256.merged(with: ["kid": 7])), .object(Self.p256.merged(with: ["key_ops": "verify"])),
            .object(Self.p256.merged(with: ["use": ["sig"]])), .object(Self.p256.merged(with: ["x": "AA"])),
            .object(Self.rsa(["e": "AQAB="])), .object(Self.rsa(["n": ""])), .object(Self.rsa(["n": "AAAA"])),
            ["kty": "OKP", "crv": "Ed25519", "x": "AA"],
        ]
        let parsed = try JWKSet(["keys": .array(unreadable + [.object(Self.p256)])])
        #expect(parsed.keys.count == 1)
        #expect(parsed.skipped == unreadable.count)
    }

    @Test("a document that is no set is refused as a whole")
    func documents() {
        #expect(throws: JWKSetError.noKeys) { try JWKSet.parse(Array("{}".utf8)) }
        #expect(throws: JWKSetError.noKeys) { try JWKSet.parse(Array("[]".utf8)) }
        #expect(throws: JWKSetError.noKeys) { try JWKSet.parse(Array(#"{"keys":{}}"#.utf8)) }
        #expect(throws: JWKSetError.notJSON(JSONError(.unexpectedByte, at: 0))) {
            try JWKSet.parse(Array("<html>".utf8))
        }
        #expect(throws: JWKSetError.notJSON(JSONError(.duplicateKey, at: 11, key: "keys"))) {
            try JWKSet.parse(Array(#"{"keys":[],"keys":[]}"#.utf8))
        }
        let many = JSONValue.array(Array(repeating: .object(Self.p256), count: 101))
        #expect(throws: JWKSetError.tooManyKeys) { try JWKSet(["keys": many]) }
    }

    @Test("weak keys are known and unusable")
    func weakKeys() throws {
        let small = Base64URL.encode([UInt8](repeating: 0xFF, count: 128))
        let huge = Base64URL.encode([UInt8](repeating: 0xFF, count: 1025))
        let cases: [(JSONObject, JWSAlgorithm)] = [
            (Self.rsa(["n": .string(small)]), .rs256), (Self.rsa(["n": .string(huge)]), .ps512),
            (Self.rsa(["e": "AQ"]), .rs256), (Self.rsa(["e": "Ag"]), .rs256), (Self.rsa(["e": "AQAA"]), .rs256),
            (Self.p256.merged(with: ["y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a4"]), .es256),
            (Self.p256.merged(with: ["crv": "secp256k1"]), .es256), (Self.p256, .es384), (Self.p256, .es512),
            (["kty": "OKP", "crv": "Ed448", "x": "AA"], .edDSA), (["kty": "OKP", "crv": "X25519", "x": "AA"], .edDSA),
        ]
        for (object, algorithm) in cases {
            let parsed = try set([object.merged(with: ["kid": "k"])])
            #expect(parsed.skipped == 0)
            #expect(outcome(parsed, "k", algorithm) == "weakKey")
        }
    }

    @Test("what a key says about its use decides")
    func declaredUse() throws {
        let cases: [(JSONObject, JWSAlgorithm, String)] = [
            ([:], .rs256, "key k"), (["use": "sig"], .rs256, "key k"), (["use": "enc"], .rs256, "wrongUse"),
            (["use": ""], .rs256, "wrongUse"), (["key_ops": ["verify"]], .rs256, "key k"),
            (["key_ops": ["sign", "verify"]], .rs256, "key k"), (["key_ops": ["sign"]], .rs256, "wrongOperations"),
            (["key_ops": []], .rs256, "wrongOperations"), (["alg": "RS256"], .rs256, "key k"),
            (["alg": "RS256"], .rs512, "wrongAlgorithm"), (["alg": "RS256"], .ps256, "wrongAlgorithm"),
            (["alg": "RSA-OAEP"], .rs256, "wrongAlgorithm"), ([:], .es256, "wrongKeyType"),
            ([:], .edDSA, "wrongKeyType"),
        ]
        for (members, algorithm, expected) in cases {
            #expect(outcome(try set([Self.rsa(members.merged(with: ["kid": "k"]))]), "k", algorithm) == expected)
        }
    }

    @Test("a shared secret is never used")
    func sharedSecrets() throws {
        let parsed = try set([["kty": "oct", "kid": "k", "k": "AAAA"]])
        #expect(parsed.skipped == 0)
        for algorithm in JWSAlgorithm.allCases {
            #expect(outcome(parsed, "k", algorithm) == "wrongKeyType")
            #expect(outcome(parsed, nil, algorithm) == "unknown")
        }
    }

    @Test("with a key id exactly that key is chosen")
    func byKeyID() throws {
        let keys = try set([
            Self.rsa(["kid": "a"]), Self.p256.merged(with: ["kid": "b"]), Self.p256.merged(with: ["kid": "K"]),
        ])
        #expect(outcome(keys, "a", .rs256) == "key a")
        #expect(outcome(keys, "b", .es256) == "key b")
        #expect(outcome(keys, "c", .es256) == "unknown")
        #expect(outcome(keys, "A", .rs256) == "unknown")
        #expect(outcome(keys, "\u{212A}", .es256) == "unknown")
        #expect(outcome(keys, "a", .es256) == "wrongKeyType")
    }

    @Test("without a key id the only fitting key is chosen, or none")
    func withoutKeyID() throws {
        #expect(
            outcome(try set([Self.rsa(["kid": "a"]), Self.p256.merged(with: ["kid": "b"])]), nil, .rs256) == "key a")
        #expect(outcome(try set([Self.rsa(), Self.rsa(["kid": "b"])]), nil, .rs256) == "unknown")
        #expect(outcome(try set([Self.rsa(), Self.rsa(["use": "enc"])]), nil, .rs256) == "key -")
        #expect(outcome(try set([Self.p256]), nil, .es384) == "unknown")
        #expect(outcome(try set([]), nil, .rs256) == "unknown")
    }

    @Test("two keys of one id and type are both unusable, of different types are not")
    func sharedKeyID() throws {
        let twins = try set([
            Self.rsa(["kid": "a"]), Self.rsa(["kid": "a", "alg": "RS512"]), Self.p256.merged(with: ["kid": "a"]),
        ])
        #expect(outcome(twins, "a", .rs256) == "unknown")
        #expect(outcome(twins, nil, .rs256) == "unknown")
        #expect(outcome(twins, "a", .es256) == "key a")
    }

    @Test("the members of a published set stand in their order")
    func publication() throws {
        let key = try PublicKey(ed25519: Base64URL.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo") ?? [])
        let text = String(decoding: try JWKSet([JWK(key, keyID: "k1", algorithm: .edDSA)]).serialized(), as: UTF8.self)
        #expect(
            text == #"{"keys":[{"kid":"k1","kty":"OKP","alg":"EdDSA","use":"sig","crv":"Ed25519","#
                + #""x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#)
        #expect(try set([["kty": "oct", "k": "AAAA"]]).serialized() == Array(#"{"keys":[]}"#.utf8))
    }
}
