import COpenSSL

/// A digest over bytes that arrive in pieces. Owns one `EVP_MD_CTX`, freed once.
@safe
package struct RunningDigest: ~Copyable {
    private let context: OpaquePointer
    private let algorithm: DigestAlgorithm

    package init(_ algorithm: DigestAlgorithm) throws(CryptoError) {
        guard let context = unsafe EVP_MD_CTX_new() else { throw .outOfMemory }
        guard unsafe EVP_DigestInit_ex2(context, algorithm.fetched, nil) == 1 else {
            unsafe EVP_MD_CTX_free(context)
            throw .fromQueue()
        }
        unsafe self.context = context
        self.algorithm = algorithm
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    package mutating func update(_ bytes: some Collection<UInt8>) throws(CryptoError) {
        let status = unsafe bytes.withContiguousBytes { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        guard status == 1 else { throw .fromQueue() }
    }

    package consuming func finish() throws(CryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: algorithm.byteCount)
        var written: UInt32 = 0
        guard unsafe EVP_DigestFinal_ex(context, &bytes, &written) == 1, Int(written) == bytes.count else {
            throw .fromQueue()
        }
        return bytes
    }
}
