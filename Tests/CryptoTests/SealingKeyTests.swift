import Crypto
import Primitives
import Testing

@Suite("Sealing")
struct SealingKeyTests {
    @Test("the AES-256 test cases of the GCM proposal", arguments: Vectors.rows("aes256gcm.tsv"))
    func vectors(_ row: [String]) throws {
        let key = try SealingKey(hex(row[0]))
        let sealed = try key.seal(hex(row[2]), associatedData: hex(row[3]), nonce: hex(row[1]))
        #expect(Hex.encode(sealed) == row[1] + row[4] + row[5])
        #expect(try key.open(sealed, associatedData: hex(row[3])) == hex(row[2]))
    }

    @Test("what is sealed opens again", arguments: [0, 1, 15, 16, 17, 4096])
    func roundTrip(_ count: Int) throws {
        let key = SealingKey.generate()
        let plaintext = RandomBytes.generate(count)
        let sealed = try key.seal(plaintext, associatedData: "row 1".utf8)
        #expect(sealed.count == count + 28)
        #expect(try key.open(sealed, associatedData: "row 1".utf8) == plaintext)
        #expect(try key.seal(plaintext) != key.seal(plaintext))
    }

    @Test("no changed byte, other key, other context or cut opens")
    func tampering() throws {
        let key = SealingKey.generate()
        let sealed = try key.seal("secret".utf8, associatedData: "row 1".utf8)
        for position in sealed.indices {
            var changed = sealed
            changed[position] ^= 1
            #expect(throws: CryptoError.authenticationFailed) { try key.open(changed, associatedData: "row 1".utf8) }
        }
        for count in 0..<sealed.count {
            #expect(throws: CryptoError.authenticationFailed) {
                try key.open(sealed.prefix(count), associatedData: "row 1".utf8)
            }
        }
        #expect(throws: CryptoError.authenticationFailed) { try key.open(sealed, associatedData: "row 2".utf8) }
        #expect(throws: CryptoError.authenticationFailed) { try key.open(sealed) }
        #expect(throws: CryptoError.authenticationFailed) {
            try SealingKey.generate().open(sealed, associatedData: "row 1".utf8)
        }
        #expect(try key.open(sealed, associatedData: "row 1".utf8) == Array("secret".utf8))
    }

    @Test("a key has 32 bytes", arguments: [0, 16, 31, 33])
    func keyLength(_ count: Int) {
        #expect(throws: CryptoError.malformedKey) { try SealingKey([UInt8](repeating: 1, count: count)) }
    }
}
