import Crypto
import Testing

/// An algorithm and a key that fits it.
struct Pairing: Sendable, CustomTestStringConvertible {
    let algorithm: SignatureAlgorithm
    let template: KeyTemplate
    /// Bytes of a signature.
    let length: Int

    var testDescription: String { "\(algorithm)" }

    static let all: [Pairing] =
        DigestAlgorithm.allCases.flatMap { digest in
            [
                Pairing(algorithm: .rsaPKCS1(digest), template: .rsa(bits: 2048), length: 256),
                Pairing(algorithm: .rsaPSS(digest), template: .rsa(bits: 2048), length: 256),
            ]
        } + [
            Pairing(algorithm: .ecdsa(.sha256), template: .elliptic(.p256), length: 64),
            Pairing(algorithm: .ecdsa(.sha384), template: .elliptic(.p384), length: 96),
            Pairing(algorithm: .ecdsa(.sha512), template: .elliptic(.p521), length: 132),
            Pairing(algorithm: .ed25519, template: .ed25519, length: 64),
        ]
}

@Suite("Signatures")
struct SignatureTests {
    private static let message = Array("what is signed".utf8)

    @Test("a signature verifies, again and again, with the same verifier", arguments: Pairing.all)
    func roundTrip(_ pairing: Pairing) throws {
        let key = try SampleKeys.key(pairing.template)
        let signer = try Signer(key, pairing.algorithm)
        let verifier = try SignatureVerifier(key.publicKey, pairing.algorithm)
        for number in 0..<8 {
            let message = Self.message + [UInt8(number)]
            let signature = try signer.sign(message)
            #expect(signature.count == pairing.length)
            #expect(verifier.verify(signature, of: message))
            #expect(!verifier.verify(signature, of: Self.message))
        }
        #expect(verifier.verify(try signer.sign([UInt8]()), of: [UInt8]()))
        #expect(
            key.publicKey.verifies(try key.sign(Self.message, pairing.algorithm), of: Self.message, pairing.algorithm))
    }

    @Test("no changed byte, other length or other key verifies", arguments: Pairing.all)
    func tampering(_ pairing: Pairing) throws {
        let key = try SampleKeys.key(pairing.template)
        let signature = try key.sign(Self.message, pairing.algorithm)
        let verifier = try SignatureVerifier(key.publicKey, pairing.algorithm)
        for position in signature.indices {
            var changed = signature
            changed[position] ^= 0x01
            #expect(!verifier.verify(changed, of: Self.message))
        }
        for bad in [[], Array(signature.dropLast()), signature + [0], [0] + signature, Array(signature.dropFirst())] {
            #expect(!verifier.verify(bad, of: Self.message))
        }
        #expect(!verifier.verify([UInt8](repeating: 0, count: signature.count), of: Self.message))
        #expect(!verifier.verify([UInt8](repeating: 0xFF, count: signature.count), of: Self.message))
        #expect(verifier.verify(signature, of: Self.message))
        let stranger = try PrivateKey.generate(pairing.template)
        #expect(!stranger.publicKey.verifies(signature, of: Self.message, pairing.algorithm))
    }

    @Test("an algorithm takes only its own kind of key", arguments: Pairing.all)
    func wrongKeys(_ pairing: Pairing) throws {
        for template in SampleKeys.templates where template != pairing.template {
            let key = try SampleKeys.key(template)
            #expect(throws: CryptoError.wrongKeyForAlgorithm) { try Signer(key, pairing.algorithm) }
            #expect(throws: CryptoError.wrongKeyForAlgorithm) {
                try SignatureVerifier(key.publicKey, pairing.algorithm)
            }
        }
    }

    @Test("a signature of one algorithm is none of another", arguments: Pairing.all)
    func confusion(_ pairing: Pairing) throws {
        let key = try SampleKeys.key(pairing.template)
        let signature = try key.sign(Self.message, pairing.algorithm)
        for other in Pairing.all where other.algorithm != pairing.algorithm {
            #expect(!key.publicKey.verifies(signature, of: Self.message, other.algorithm))
        }
    }

    @Test("one key signs from many threads")
    func threads() async throws {
        let key = try SampleKeys.key(.elliptic(.p256))
        let results = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<32 {
                group.addTask {
                    let message = [UInt8(number)]
                    guard let signature = try? key.sign(message, .ecdsa(.sha256)) else { return false }
                    return key.publicKey.verifies(signature, of: message, .ecdsa(.sha256))
                }
            }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(results.count == 32)
        #expect(results.allSatisfy { $0 })
    }
}
