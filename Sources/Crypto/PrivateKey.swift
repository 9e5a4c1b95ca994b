import COpenSSL

/// What to generate.
package enum KeyTemplate: Hashable, Sendable {
    /// 2048…8192 bits, exponent 65537.
    case rsa(bits: Int)
    case elliptic(EllipticCurve)
    case ed25519
}

/// A signature key: immutable, usable from any thread. It prints nothing of itself.
package final class PrivateKey: Sendable {
    package let publicKey: PublicKey
    let handle: KeyHandle

    package var kind: KeyKind { publicKey.kind }

    /// - Throws: ``CryptoError/weakKey`` for an RSA length outside 2048…8192.
    package static func generate(_ template: KeyTemplate) throws(CryptoError) -> PrivateKey {
        if case .rsa(let bits) = template, !(2048...8192).contains(bits) { throw .weakKey }
        let name =
            switch template {
            case .rsa: "RSA"
            case .elliptic: "EC"
            case .ed25519: "ED25519"
            }
        guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, name, nil) else { throw .fromQueue() }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        guard unsafe EVP_PKEY_keygen_init(context) == 1 else { throw .fromQueue() }
        switch template {
        case .rsa(let bits):
            guard unsafe EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)) == 1 else { throw .fromQueue() }
        case .elliptic(let curve):
            guard unsafe EVP_PKEY_CTX_set_group_name(context, curve.groupName) == 1 else { throw .fromQueue() }
        case .ed25519: break
        }
        var key: OpaquePointer?
        guard unsafe EVP_PKEY_generate(context, &key) == 1, let key = unsafe key else { throw .fromQueue() }
        return try unsafe PrivateKey(KeyHandle(owning: key))
    }

    private init(_ handle: KeyHandle) throws(CryptoError) {
        self.handle = handle
        publicKey = try PublicKey(spki: try handle.publicKeyDER())
    }

    /// Reads exactly one unencrypted PrivateKeyInfo (PKCS #8, RFC 5208 §5) whose halves belong together.
    ///
    /// - Throws: as ``PublicKey/init(spki:)``.
    package convenience init(pkcs8 bytes: [UInt8]) throws(CryptoError) {
        let parsed = unsafe bytes.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var cursor = buffer.baseAddress
            let end = unsafe buffer.baseAddress.map { unsafe $0 + buffer.count }
            guard let info = unsafe d2i_PKCS8_PRIV_KEY_INFO(nil, &cursor, buffer.count) else { return nil }
            defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
            guard unsafe cursor == end else { return nil }
            return unsafe EVP_PKCS82PKEY(info)
        }
        guard let parsed = unsafe parsed else {
            ERR_clear_error()
            throw .malformedKey
        }
        try unsafe self.init(KeyHandle(owning: parsed))
        guard let context = unsafe EVP_PKEY_CTX_new(handle.pointer, nil) else { throw .outOfMemory }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        guard unsafe EVP_PKEY_pairwise_check(context) == 1 else {
            ERR_clear_error()
            throw .malformedKey
        }
    }

    /// Reads a `PRIVATE KEY` block.
    package convenience init(pem: String) throws(CryptoError) {
        guard let der = PEM.decode("PRIVATE KEY", in: pem) else { throw .malformedKey }
        try self.init(pkcs8: der)
    }
}

// MARK: - Export

extension PrivateKey {
    /// PrivateKeyInfo in DER, unencrypted: seal it before it is stored.
    package func exposedPKCS8() throws(CryptoError) -> [UInt8] {
        guard let info = unsafe EVP_PKEY2PKCS8(handle.pointer) else { throw .fromQueue() }
        defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
        let length = unsafe i2d_PKCS8_PRIV_KEY_INFO(info, nil)
        guard length > 0 else { throw .fromQueue() }
        var bytes = [UInt8](repeating: 0, count: Int(length))
        let written = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            var output = buffer.baseAddress
            return unsafe i2d_PKCS8_PRIV_KEY_INFO(info, &output)
        }
        guard written == length else { throw .fromQueue() }
        return bytes
    }

    /// The same as a `PRIVATE KEY` block.
    package func exposedPEM() throws(CryptoError) -> String { PEM.encode("PRIVATE KEY", try exposedPKCS8()) }
}

extension PrivateKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "‹private key›" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
