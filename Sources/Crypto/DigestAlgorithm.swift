import COpenSSL

/// The SHA-2 functions of FIPS 180-4 that anything here uses.
package enum DigestAlgorithm: Hashable, Sendable, CaseIterable {
    case sha256, sha384, sha512

    package var byteCount: Int {
        switch self {
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// One call, any algorithm.
    @inlinable
    package func hash(_ bytes: some Collection<UInt8>) -> [UInt8] {
        unsafe bytes.withContiguousBytes { unsafe hash(contiguous: $0) }
    }

    @usableFromInline
    func hash(contiguous bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            unsafe ThreadDigest.hash(self, bytes, into: buffer)
            count = byteCount
        }
    }

    /// OpenSSL's name of the function.
    var name: String {
        switch self {
        case .sha256: "SHA256"
        case .sha384: "SHA384"
        case .sha512: "SHA512"
        }
    }

    /// Fetched once: the lookup by name costs more than hashing a token.
    var fetched: OpaquePointer {
        switch self {
        case .sha256: unsafe Self.sha256Handle
        case .sha384: unsafe Self.sha384Handle
        case .sha512: unsafe Self.sha512Handle
        }
    }

    // An EVP_MD is immutable after its fetch and lives as long as the process.
    nonisolated(unsafe) private static let sha256Handle = unsafe fetch("SHA256")
    nonisolated(unsafe) private static let sha384Handle = unsafe fetch("SHA384")
    nonisolated(unsafe) private static let sha512Handle = unsafe fetch("SHA512")

    private static func fetch(_ name: String) -> OpaquePointer {
        guard let handle = unsafe EVP_MD_fetch(nil, name, nil) else {
            preconditionFailure("libcrypto has no \(name): its default provider is not usable")
        }
        return unsafe handle
    }
}
