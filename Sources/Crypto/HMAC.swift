/// HMAC (RFC 2104) on SHA-2.
package enum HMAC {
    package static func sha256(key: some Collection<UInt8>, _ message: some Collection<UInt8>) -> Digest32 {
        let (inner, outer) = pads(key, .sha256, blockSize: 64)
        return SHA256.hash(outer + SHA256.hash(inner + message).bytes)
    }

    package static func sha384(key: some Collection<UInt8>, _ message: some Collection<UInt8>) -> [UInt8] {
        let (inner, outer) = pads(key, .sha384, blockSize: 128)
        return SHA384.hash(outer + SHA384.hash(inner + message))
    }

    package static func sha512(key: some Collection<UInt8>, _ message: some Collection<UInt8>) -> [UInt8] {
        let (inner, outer) = pads(key, .sha512, blockSize: 128)
        return SHA512.hash(outer + SHA512.hash(inner + message))
    }

    /// The key, hashed when it is longer than a block, against the two constants of RFC 2104 §2.
    private static func pads(
        _ key: some Collection<UInt8>, _ algorithm: DigestAlgorithm, blockSize: Int
    ) -> (inner: [UInt8], outer: [UInt8]) {
        var block = key.count > blockSize ? algorithm.hash(key) : Array(key)
        block.append(contentsOf: repeatElement(0, count: blockSize - block.count))
        return (block.map { $0 ^ 0x36 }, block.map { $0 ^ 0x5C })
    }
}
