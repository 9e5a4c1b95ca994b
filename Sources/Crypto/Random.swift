import COpenSSL
import Primitives

/// Bytes of libcrypto's generator, which the kernel seeds.
package enum RandomBytes {
    /// Traps when the generator fails: nothing secret can be made without it.
    package static func generate(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard count > 0 else { return bytes }
        precondition(unsafe RAND_bytes(&bytes, Int32(count)) == 1, "the random number generator failed")
        return bytes
    }
}

/// Secrets that people and programs carry around.
package enum RandomToken {
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// `count` letters and digits, each of the 62 equally likely: 5.95 bits a character, 238 for 40 of them.
    package static func alphanumeric(_ count: Int) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(count)
        while text.count < count {
            // Bytes from 248 on would favour the first letters, so they are drawn again.
            for byte in RandomBytes.generate(count - text.count + 8) where byte < 248 && text.count < count {
                text.append(alphabet[Int(byte % 62)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// `count` random bytes as 2 × `count` lowercase hexadecimal digits.
    package static func hex(bytes count: Int) -> String { Hex.encode(RandomBytes.generate(count)) }

    /// `count` random bytes in base64url without padding.
    package static func base64URL(bytes count: Int) -> String { Base64URL.encode(RandomBytes.generate(count)) }
}
