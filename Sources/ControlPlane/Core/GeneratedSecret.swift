import Crypto
import Domain
package import Primitives
import Store

/// A secret that this server made: shown once, kept as SHA-256 only. It has 238 random bits or more, so a plain digest
/// is enough: nothing can be guessed.
package struct GeneratedSecret: Sendable {
    package let value: Secret<String>
    package let digest: [UInt8]

    private init(_ text: String) {
        value = Secret(text)
        digest = SHA256.hash(Array(text.utf8)).bytes
    }

    /// `cfast_`, 40 random characters and their checksum.
    package static func serviceToken() -> Self { Self("cfast_" + checksummed()) }

    /// `cfat_` for a token of an account, `cfut_` for one of a user.
    package static func apiToken(ofAccount: Bool) -> Self {
        Self((ofAccount ? "cfat_" : "cfut_") + checksummed())
    }

    /// 64 hexadecimal digits.
    package static func hexadecimal() -> Self { Self(RandomToken.hex(bytes: 32)) }

    private static func checksummed() -> String {
        let text = RandomToken.alphanumeric(40)
        return text + CRC32.hex(of: Array(text.utf8))
    }
}

/// An identifier without a time in it, for names that outsiders see.
package func randomIdentifier<Entity>() -> Identifier<Entity> {
    var generator = SystemRandomNumberGenerator()
    return Identifier(high: generator.next(), low: generator.next())
}

/// The CRC-32 of IEEE 802.3, which lets a scanner recognise a leaked token offline.
package enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }

    package static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(0xFFFF_FFFF) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
    }

    /// Eight lowercase hexadecimal digits.
    package static func hex(of bytes: [UInt8]) -> String {
        let value = checksum(bytes)
        return Hex.encode((0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(24 - $0 * 8)) })
    }
}
