import COpenSSL
import Glibc

/// One `EVP_MD_CTX` per thread and algorithm, freed when its thread ends. Creating one for every digest would cost as
/// much as hashing a short token.
enum ThreadDigest {
    /// Writes the digest to the start of `output`, which has room for it.
    ///
    /// Traps when libcrypto cannot hash, which needs exhausted memory: no answer computed afterwards could be trusted.
    static func hash(
        _ algorithm: DigestAlgorithm, _ bytes: UnsafeBufferPointer<UInt8>,
        into output: UnsafeMutableBufferPointer<UInt8>
    ) {
        precondition(output.count >= algorithm.byteCount, "a digest needs \(algorithm.byteCount) bytes of room")
        let context = unsafe context(algorithm)
        var written: UInt32 = 0
        let succeeded =
            unsafe EVP_DigestInit_ex2(context, algorithm.fetched, nil) == 1
            && EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
            && EVP_DigestFinal_ex(context, output.baseAddress, &written) == 1
        precondition(succeeded && Int(written) == algorithm.byteCount, "libcrypto failed to compute a digest")
    }

    private static func context(_ algorithm: DigestAlgorithm) -> OpaquePointer {
        let key =
            switch algorithm {
            case .sha256: sha256Key
            case .sha384: sha384Key
            case .sha512: sha512Key
            }
        if let known = unsafe pthread_getspecific(key) { return OpaquePointer(known) }
        guard let fresh = unsafe EVP_MD_CTX_new() else { preconditionFailure("out of memory for a digest context") }
        let status = unsafe pthread_setspecific(key, UnsafeRawPointer(fresh))
        precondition(status == 0, "out of memory for a thread-specific digest context")
        return unsafe fresh
    }

    private static let sha256Key = makeKey()
    private static let sha384Key = makeKey()
    private static let sha512Key = makeKey()

    private static func makeKey() -> pthread_key_t {
        var key = pthread_key_t()
        let status = unsafe pthread_key_create(&key) { memory in
            if let memory = unsafe memory { unsafe EVP_MD_CTX_free(OpaquePointer(memory)) }
        }
        precondition(status == 0, "no thread-specific key left for digest contexts")
        return key
    }
}
