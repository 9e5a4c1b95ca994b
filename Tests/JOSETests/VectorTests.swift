import Crypto
import JOSE
import JSON
import Primitives
import Testing

@Suite("Published tokens")
struct VectorTests {
    @Test("the vectors are all there")
    func vectorsExist() {
        #expect(SignedVector.rfc.count == 7)
        #expect(SignedVector.cross.count == 20)
        #expect(Set(SignedVector.cross.map(\.algorithm)) == Set(JWSAlgorithm.allCases.map(\.rawValue)))
    }

    @Test("a token verifies with its key and its algorithm", arguments: SignedVector.rfc + SignedVector.cross)
    func verifies(_ vector: SignedVector) throws {
        let algorithm = try #require(JWSAlgorithm(rawValue: vector.algorithm))
        let verifier = try #require(JWK(vector.key)).verifier(for: algorithm)
        let segments = try JWSSegments(Array(vector.token.utf8))
        #expect(segments.verify(with: verifier))
        if vector.hasClaims {
            let token = try CompactJWS.parse(vector.token)
            #expect(token.algorithm == algorithm)
            #expect(token.verify(with: verifier))
        } else {
            #expect(throws: JOSEError.malformed) { try CompactJWS.parse(vector.token) }
        }
    }

    @Test("the claims of RFC 7519 §3.1 are read")
    func claims() throws {
        let vector = try #require(SignedVector.rfc.first)
        let token = try CompactJWS.parse(vector.token)
        #expect(token.claims == ["iss": "joe", "exp": 1_300_819_380, "http://example.com/is_root": true])
        #expect(token.registered.issuer == "joe")
        #expect(token.registered.expiresAt == Timestamp(seconds: 1_300_819_380))
        #expect(token.registered.audience.isEmpty)
    }

    @Test("claims in other scripts are read")
    func otherScripts() throws {
        for vector in SignedVector.cross {
            let token = try CompactJWS.parse(vector.token)
            #expect(token.claims["name"] == "Zoë")
            #expect(token.registered.subject == vector.value["subject"]?.stringValue)
            #expect(token.registered.audience == ["client-1"])
            #expect(token.keyID == vector.key["kid"]?.stringValue)
        }
    }

    @Test("HMAC tokens are read but name no algorithm we have")
    func hmac() throws {
        let refused = try #require(Vectors.rfc["refused"]?.arrayValue)
        #expect(refused.count == 2)
        for entry in refused {
            let token = try CompactJWS.parse(try #require(entry["token"]?.stringValue))
            #expect(token.algorithmName == "HS256")
            #expect(token.algorithm == nil)
        }
    }

    @Test("the unsecured token of RFC 7519 §6.1 is malformed, and with a signature names no algorithm")
    func unsecured() throws {
        let text = try #require(Vectors.rfc["unsecured"]?["token"]?.stringValue)
        #expect(throws: JOSEError.malformed) { try CompactJWS.parse(text) }
        #expect(try CompactJWS.parse(text + "AA").algorithm == nil)
    }

    @Test("the thumbprint of RFC 7638 §3.1, and those another library computes")
    func thumbprints() throws {
        let example = try #require(Vectors.rfc["thumbprint"])
        let expected = try #require(example["value"]?.stringValue)
        #expect(try thumbprint(example["jwk"] ?? .null) == expected)
        for vector in SignedVector.cross {
            #expect(try thumbprint(vector.key) == vector.value["thumbprint"]?.stringValue)
        }
    }

    private func thumbprint(_ value: JSONValue) throws -> String? {
        try JWK(value)?.thumbprint().map { Base64URL.encode($0.bytes) }
    }

    @Test("a published key reads back as the same key", arguments: SignedVector.cross)
    func publication(_ vector: SignedVector) throws {
        let algorithm = try #require(JWSAlgorithm(rawValue: vector.algorithm))
        let key = try #require(JWK(vector.key)?.publicKey)
        let set = JWKSet([JWK(key, keyID: "k", algorithm: algorithm)])
        let again = try JWKSet.parse(set.serialized())
        #expect(again.keys.first?.publicKey == key)
        #expect(again.keys.first?.keyID == "k")
        #expect(again.keys.first?.use == "sig")
        #expect(again.keys.first?.algorithmName == algorithm.rawValue)
        let document = try JSONParser.parse(set.serialized())
        for member in ["n", "e", "crv", "x", "y", "kty"] {
            #expect(document["keys"]?[0]?[member] == vector.key[member])
        }
    }
}
