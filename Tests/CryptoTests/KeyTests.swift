import Crypto
import Primitives
import Testing

/// One key of each kind, made once: RSA takes its time.
enum SampleKeys {
    static let templates: [KeyTemplate] = [
        .rsa(bits: 2048), .elliptic(.p256), .elliptic(.p384), .elliptic(.p521), .ed25519,
    ]
    static let all: [KeyTemplate: PrivateKey] = {
        var keys: [KeyTemplate: PrivateKey] = [:]
        for template in templates { keys[template] = try? PrivateKey.generate(template) }
        return keys
    }()

    static func key(_ template: KeyTemplate) throws -> PrivateKey { try #require(all[template]) }
}

@Suite("Keys")
struct KeyTests {
    @Test("a generated key survives every form it is stored in", arguments: SampleKeys.templates)
    func roundTrip(_ template: KeyTemplate) throws {
        let key = try SampleKeys.key(template)
        #expect(try PrivateKey(pkcs8: key.exposedPKCS8()).publicKey == key.publicKey)
        #expect(try PrivateKey(pem: key.exposedPEM()).publicKey == key.publicKey)
        #expect(try PublicKey(spki: key.publicKey.spki) == key.publicKey)
        #expect(try PublicKey(pem: key.publicKey.pem) == key.publicKey)
        #expect(key.publicKey.spkiSHA256 == SHA256.hash(key.publicKey.spki))
        let rebuilt =
            switch try key.publicKey.components() {
            case .rsa(let modulus, let exponent): try PublicKey(rsaModulus: modulus, exponent: exponent)
            case .elliptic(let curve, let x, let y): try PublicKey(curve: curve, x: x, y: y)
            case .ed25519(let bytes): try PublicKey(ed25519: bytes)
            }
        #expect(rebuilt == key.publicKey)
        #expect("\(key)" == "‹private key›")
    }

    @Test("keys written by other software are read", arguments: ["rsa2048", "p256", "p384", "p521", "ed25519"])
    func foreign(_ name: String) throws {
        let text = Vectors.text("\(name).pem")
        let key = try PrivateKey(pem: text)
        #expect(key.publicKey == (try PublicKey(pem: text)))
    }

    @Test(
        "keys outside the supported set are refused",
        arguments: [
            ("rsa1024", CryptoError.weakKey), ("secp256k1", .unsupportedKey), ("explicit", .unsupportedKey),
            ("encrypted", .malformedKey),
        ])
    func unsupported(_ name: String, _ error: CryptoError) {
        #expect(throws: error) { try PrivateKey(pem: Vectors.text("\(name).pem")) }
    }

    @Test("RSA lengths outside 2048 to 8192 are not generated", arguments: [512, 2047, 8193])
    func generation(_ bits: Int) {
        #expect(throws: CryptoError.weakKey) { try PrivateKey.generate(.rsa(bits: bits)) }
    }

    @Test("weak RSA numbers are refused")
    func weakRSA() throws {
        guard case .rsa(let modulus, let exponent) = try SampleKeys.key(.rsa(bits: 2048)).publicKey.components() else {
            Issue.record("no RSA key")
            return
        }
        #expect(exponent == [1, 0, 1])
        for bad: [UInt8] in [[1], [2], [4], [1, 0, 0]] {
            #expect(throws: CryptoError.weakKey) { try PublicKey(rsaModulus: modulus, exponent: bad) }
        }
        #expect(throws: CryptoError.weakKey) {
            try PublicKey(rsaModulus: Array(modulus.suffix(255)), exponent: exponent)
        }
        #expect(throws: CryptoError.weakKey) {
            try PublicKey(rsaModulus: [UInt8](repeating: 0xFF, count: 1025), exponent: exponent)
        }
        #expect(throws: CryptoError.weakKey) {
            try PublicKey(rsaModulus: Array(modulus.dropLast()) + [0x02], exponent: exponent)
        }
        #expect(throws: CryptoError.malformedKey) { try PublicKey(rsaModulus: [0, 0], exponent: exponent) }
        #expect(throws: CryptoError.malformedKey) { try PublicKey(rsaModulus: modulus, exponent: []) }
        #expect(try PublicKey(rsaModulus: [0] + modulus, exponent: [0] + exponent).kind == .rsa(bits: 2048))
        #expect(try PublicKey(rsaModulus: modulus, exponent: [3]).kind == .rsa(bits: 2048))
    }

    @Test("points off their curve and coordinates of another length are refused", arguments: EllipticCurve.allCases)
    func points(_ curve: EllipticCurve) throws {
        guard case .elliptic(_, let x, let y) = try SampleKeys.key(.elliptic(curve)).publicKey.components() else {
            Issue.record("no elliptic key")
            return
        }
        var off = y
        off[off.count - 1] ^= 1
        #expect(throws: CryptoError.weakKey) { try PublicKey(curve: curve, x: x, y: off) }
        let zero = [UInt8](repeating: 0, count: curve.coordinateByteCount)
        #expect(throws: CryptoError.weakKey) { try PublicKey(curve: curve, x: zero, y: zero) }
        let large = [UInt8](repeating: 0xFF, count: curve.coordinateByteCount)
        #expect(throws: CryptoError.weakKey) { try PublicKey(curve: curve, x: large, y: y) }
        #expect(throws: CryptoError.malformedKey) { try PublicKey(curve: curve, x: [0] + x, y: y) }
        #expect(throws: CryptoError.malformedKey) { try PublicKey(curve: curve, x: x, y: Array(y.dropLast())) }
        for other in EllipticCurve.allCases where other != curve {
            #expect(throws: CryptoError.malformedKey) { try PublicKey(curve: other, x: x, y: y) }
        }
    }

    @Test("bytes that are no key are refused, whatever they are")
    func malformed() throws {
        let key = try SampleKeys.key(.elliptic(.p256))
        let (spki, pkcs8) = (key.publicKey.spki, try key.exposedPKCS8())
        #expect(throws: CryptoError.malformedKey) { try PublicKey(spki: []) }
        #expect(throws: CryptoError.malformedKey) { try PrivateKey(pkcs8: []) }
        #expect(throws: CryptoError.malformedKey) { try PublicKey(spki: spki + [0]) }
        #expect(throws: CryptoError.malformedKey) { try PrivateKey(pkcs8: pkcs8 + [0]) }
        #expect(throws: CryptoError.malformedKey) { try PublicKey(ed25519: [1, 2, 3]) }
        for count in 0..<spki.count {
            #expect(throws: CryptoError.malformedKey) { try PublicKey(spki: Array(spki.prefix(count))) }
        }
        for count in 0..<pkcs8.count {
            #expect(throws: CryptoError.self) { try PrivateKey(pkcs8: Array(pkcs8.prefix(count))) }
        }
        for pem in [
            "", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n",
        ] {
            #expect(throws: CryptoError.malformedKey) { try PrivateKey(pem: pem) }
            #expect(throws: CryptoError.malformedKey) { try PublicKey(pem: pem) }
        }
    }

    @Test("a private key whose halves do not match is refused")
    func mismatchedHalves() throws {
        var pkcs8 = try SampleKeys.key(.elliptic(.p256)).exposedPKCS8()
        let other = try PrivateKey.generate(.elliptic(.p256)).exposedPKCS8()
        // The public point closes the structure: 65 bytes of it.
        pkcs8.replaceSubrange((pkcs8.count - 65)..., with: other.suffix(65))
        #expect(throws: CryptoError.malformedKey) { try PrivateKey(pkcs8: pkcs8) }
    }
}
