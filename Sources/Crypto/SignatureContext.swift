import COpenSSL

/// A prepared signing or verifying operation that can be repeated: setting one up costs more than a verification saves.
/// Used by one thread at a time; freed once.
@safe
final class SignatureContext {
    enum Purpose { case signing, verifying }

    private let key: KeyHandle
    private let algorithm: SignatureAlgorithm
    /// For RSA and ECDSA, which sign a digest.
    private let keyContext: OpaquePointer?
    /// For Ed25519, which takes the whole message.
    private let messageContext: OpaquePointer?

    init(_ key: KeyHandle, _ algorithm: SignatureAlgorithm, _ purpose: Purpose) throws(CryptoError) {
        self.key = key
        self.algorithm = algorithm
        guard let digest = algorithm.digest else {
            unsafe keyContext = nil
            unsafe messageContext = unsafe EVP_MD_CTX_new()
            guard unsafe messageContext != nil else { throw .outOfMemory }
            return
        }
        unsafe messageContext = nil
        unsafe keyContext = unsafe EVP_PKEY_CTX_new(key.pointer, nil)
        guard let context = unsafe keyContext else { throw .outOfMemory }
        let isReady =
            switch purpose {
            case .signing: unsafe EVP_PKEY_sign_init(context) == 1
            case .verifying: unsafe EVP_PKEY_verify_init(context) == 1
            }
        guard isReady, unsafe Self.configure(context, algorithm, digest) else { throw .fromQueue() }
    }

    deinit {
        unsafe EVP_PKEY_CTX_free(keyContext)
        unsafe EVP_MD_CTX_free(messageContext)
    }

    private static func configure(
        _ context: OpaquePointer, _ algorithm: SignatureAlgorithm, _ digest: DigestAlgorithm
    ) -> Bool {
        let padding: Int32
        switch algorithm {
        case .rsaPKCS1: padding = RSA_PKCS1_PADDING
        case .rsaPSS: padding = RSA_PKCS1_PSS_PADDING
        case .ecdsa, .ed25519: return unsafe EVP_PKEY_CTX_set_signature_md(context, digest.fetched) == 1
        }
        guard unsafe EVP_PKEY_CTX_set_rsa_padding(context, padding) == 1,
            unsafe EVP_PKEY_CTX_set_signature_md(context, digest.fetched) == 1
        else { return false }
        guard padding == RSA_PKCS1_PSS_PADDING else { return true }
        return unsafe EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest.fetched) == 1
            && EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1
    }
}

extension SignatureContext {
    /// Whether `signature`, in OpenSSL's own encoding, is one of `message`. Errors count as no.
    func verify(_ signature: [UInt8], of message: UnsafeBufferPointer<UInt8>) -> Bool {
        let status: Int32
        if let context = unsafe keyContext, let digest = algorithm.digest {
            let hash = unsafe digest.hash(contiguous: message)
            status = unsafe EVP_PKEY_verify(context, signature, signature.count, hash, hash.count)
        } else {
            guard unsafe EVP_DigestVerifyInit(messageContext, nil, nil, nil, key.pointer) == 1 else {
                ERR_clear_error()
                return false
            }
            status = unsafe EVP_DigestVerify(
                messageContext, signature, signature.count, message.pointer, message.count)
        }
        if status != 1 { ERR_clear_error() }
        return status == 1
    }

    /// A signature in OpenSSL's own encoding.
    func sign(_ message: UnsafeBufferPointer<UInt8>) throws(CryptoError) -> [UInt8] {
        var length = Int(unsafe EVP_PKEY_get_size(key.pointer))
        var signature = [UInt8](repeating: 0, count: length)
        let status: Int32
        if let context = unsafe keyContext, let digest = algorithm.digest {
            let hash = unsafe digest.hash(contiguous: message)
            status = unsafe EVP_PKEY_sign(context, &signature, &length, hash, hash.count)
        } else {
            guard unsafe EVP_DigestSignInit(messageContext, nil, nil, nil, key.pointer) == 1 else { throw .fromQueue() }
            status = unsafe EVP_DigestSign(messageContext, &signature, &length, message.pointer, message.count)
        }
        guard status == 1 else { throw .fromQueue() }
        return Array(signature.prefix(length))
    }
}
