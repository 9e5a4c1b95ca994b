import Crypto
import Primitives
import Testing

@Suite("Digests and HMAC")
struct DigestTests {
    private static let algorithms: [String: DigestAlgorithm] = [
        "sha256": .sha256, "sha384": .sha384, "sha512": .sha512,
    ]

    @Test("the examples of FIPS 180-4", arguments: Vectors.rows("digests.tsv"))
    func examples(_ row: [String]) throws {
        let algorithm = try #require(Self.algorithms[row[0]])
        let message = Array(repeatElement(hex(row[1]), count: try #require(Int(row[2]))).joined())
        #expect(Hex.encode(algorithm.hash(message)) == row[3])

        var running = try RunningDigest(algorithm)
        for start in stride(from: 0, to: message.count, by: 977) {
            try running.update(message[start..<min(start + 977, message.count)])
        }
        #expect(Hex.encode(try running.finish()) == row[3])
        if algorithm == .sha256 { #expect(SHA256.hash(message).hex == row[3]) }
    }

    @Test("the vectors are all there")
    func vectorsExist() {
        #expect(Vectors.rows("digests.tsv").count == 12)
        #expect(Vectors.rows("hmac.tsv").count == 6)
        #expect(Vectors.rows("aes256gcm.tsv").count == 4)
    }

    @Test("any collection of bytes hashes alike")
    func collections() {
        let text = "The quick brown fox"
        let expected = SHA256.hash(Array(text.utf8))
        #expect(SHA256.hash(text) == expected)
        #expect(SHA256.hash((Array("x".utf8) + Array(text.utf8))[1...]) == expected)
        #expect(SHA256.hash(text.utf8.lazy.map { $0 }) == expected)
        #expect(SHA256.hash([]) == SHA256.hash(""))
    }

    @Test("a digest goes through its forms unchanged")
    func forms() throws {
        let digest = SHA256.hash("abc")
        #expect(Digest32(bytes: digest.bytes) == digest)
        #expect(Digest32(hex: digest.hex) == digest)
        #expect(Digest32(bytes: digest.bytes.dropLast()) == nil)
        #expect(Digest32(hex: "00") == nil)
        #expect(Set([digest, SHA256.hash("abc"), SHA256.hash("abd")]).count == 2)
    }

    @Test("threads hash independently")
    func threads() async {
        let expected = (0..<64).map { SHA256.hash("message \($0)").hex }
        let actual = await withTaskGroup(of: (Int, String).self) { group in
            for number in 0..<64 { group.addTask { (number, SHA256.hash("message \(number)").hex) } }
            return await group.reduce(into: [Int: String]()) { $0[$1.0] = $1.1 }
        }
        for number in 0..<64 { #expect(actual[number] == expected[number]) }
    }

    @Test("the test cases of RFC 4231", arguments: Vectors.rows("hmac.tsv"))
    func hmac(_ row: [String]) {
        let (key, message) = (hex(row[0]), hex(row[1]))
        #expect(HMAC.sha256(key: key, message).hex == row[2])
        #expect(Hex.encode(HMAC.sha384(key: key, message)) == row[3])
        #expect(Hex.encode(HMAC.sha512(key: key, message)) == row[4])
    }
}

@Suite("Random values")
struct RandomTests {
    @Test("random bytes have the length asked for and do not repeat")
    func bytes() {
        #expect(RandomBytes.generate(0).isEmpty)
        #expect(RandomBytes.generate(33).count == 33)
        #expect(Set((0..<100).map { _ in RandomBytes.generate(16) }).count == 100)
    }

    @Test("tokens are made of all letters and digits, each about equally often")
    func tokens() {
        #expect(RandomToken.alphanumeric(0).isEmpty)
        #expect(RandomToken.alphanumeric(40).utf8.count == 40)
        var counts: [UInt8: Int] = [:]
        for byte in RandomToken.alphanumeric(62_000).utf8 { counts[byte, default: 0] += 1 }
        #expect(counts.count == 62)
        // Eight standard deviations around 1000: a fair generator fails this once in 10¹³ runs.
        #expect(counts.values.allSatisfy { (748...1252).contains($0) })
        #expect(RandomToken.hex(bytes: 16).utf8.count == 32)
        #expect(RandomToken.base64URL(bytes: 32).utf8.count == 43)
    }
}
