/// SHA-256 (FIPS 180-4 §6.2) in one call.
package enum SHA256 {
    @inlinable
    package static func hash(_ bytes: some Collection<UInt8>) -> Digest32 {
        unsafe bytes.withContiguousBytes { unsafe hash(contiguous: $0) }
    }

    @inlinable
    package static func hash(_ text: String) -> Digest32 { hash(text.utf8) }

    @usableFromInline
    static func hash(contiguous bytes: UnsafeBufferPointer<UInt8>) -> Digest32 {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        unsafe withUnsafeMutableBytes(of: &words) { memory in
            unsafe ThreadDigest.hash(.sha256, bytes, into: memory.assumingMemoryBound(to: UInt8.self))
        }
        return Digest32(
            words: (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian))
    }
}

/// SHA-384 (FIPS 180-4 §6.5) in one call.
package enum SHA384 {
    @inlinable
    package static func hash(_ bytes: some Collection<UInt8>) -> [UInt8] { DigestAlgorithm.sha384.hash(bytes) }
}

/// SHA-512 (FIPS 180-4 §6.4) in one call.
package enum SHA512 {
    @inlinable
    package static func hash(_ bytes: some Collection<UInt8>) -> [UInt8] { DigestAlgorithm.sha512.hash(bytes) }
}
