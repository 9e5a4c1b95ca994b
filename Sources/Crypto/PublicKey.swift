import COpenSSL

/// What a key is, with the parameter that decides its strength.
package enum KeyKind: Hashable, Sendable {
    case rsa(bits: Int)
    case elliptic(EllipticCurve)
    case ed25519
}

/// The public half of a signature key: immutable, checked when it is made, usable from any thread.
package final class PublicKey: Sendable {
    package let kind: KeyKind
    /// SubjectPublicKeyInfo in DER (RFC 5280 §4.1.2.7).
    package let spki: [UInt8]
    let handle: KeyHandle

    /// - Throws: ``CryptoError/malformedKey`` for bytes that are not exactly one SubjectPublicKeyInfo,
    ///   ``CryptoError/unsupportedKey`` for other key types and curves, ``CryptoError/weakKey`` as documented there.
    package init(spki bytes: [UInt8]) throws(CryptoError) {
        let parsed = unsafe bytes.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var cursor = buffer.baseAddress
            let end = unsafe buffer.baseAddress.map { unsafe $0 + buffer.count }
            guard let key = unsafe d2i_PUBKEY(nil, &cursor, buffer.count) else { return nil }
            guard unsafe cursor == end else {
                unsafe EVP_PKEY_free(key)
                return nil
            }
            return unsafe key
        }
        guard let parsed = unsafe parsed else {
            ERR_clear_error()
            throw .malformedKey
        }
        handle = unsafe KeyHandle(owning: parsed)
        guard let kind = handle.kind else { throw .unsupportedKey }
        self.kind = kind
        spki = try handle.publicKeyDER()
        try checkStrength()
    }

    /// Reads a `PUBLIC KEY` block.
    package convenience init(pem: String) throws(CryptoError) {
        guard let der = PEM.decode("PUBLIC KEY", in: pem) else { throw .malformedKey }
        try self.init(spki: der)
    }

    private func checkStrength() throws(CryptoError) {
        switch kind {
        case .rsa(let bits):
            guard (2048...8192).contains(bits) else { throw .weakKey }
            let exponent = try handle.number(OSSL_PKEY_PARAM_RSA_E)
            let isSmall = exponent.count == 1 && exponent[0] < 3
            guard let last = exponent.last, last & 1 == 1, !isSmall else { throw .weakKey }
        case .elliptic(let curve):
            // Parameters spelled out and compressed points are other spellings of the same key: one is enough.
            let count = curve.coordinateByteCount
            let x = try handle.number(OSSL_PKEY_PARAM_EC_PUB_X, count: count)
            let y = try handle.number(OSSL_PKEY_PARAM_EC_PUB_Y, count: count)
            guard spki == Self.spki(curve, x: x, y: y) else { throw .unsupportedKey }
            guard let context = unsafe EVP_PKEY_CTX_new(handle.pointer, nil) else { throw .outOfMemory }
            defer { unsafe EVP_PKEY_CTX_free(context) }
            guard unsafe EVP_PKEY_public_check(context) == 1 else {
                ERR_clear_error()
                throw .weakKey
            }
        case .ed25519: break
        }
    }
}

// MARK: - From components

extension PublicKey {
    /// An RSA key from its numbers in big-endian order.
    package convenience init(rsaModulus modulus: [UInt8], exponent: [UInt8]) throws(CryptoError) {
        // Beyond these lengths no accepted key can lie, and the work of looking at one is not bounded otherwise.
        guard modulus.contains(where: { $0 != 0 }), exponent.contains(where: { $0 != 0 }) else { throw .malformedKey }
        guard modulus.count <= 1025, exponent.count <= 32, let last = modulus.last, last & 1 == 1 else {
            throw .weakKey
        }
        let numbers = DER.sequence(DER.integer(modulus), DER.integer(exponent))
        try self.init(spki: DER.sequence(DER.sequence(OID.rsaEncryption, DER.null), DER.bitString(numbers)))
    }

    /// A point given by coordinates of exactly the curve's length.
    ///
    /// - Throws: ``CryptoError/malformedKey`` for another length, ``CryptoError/weakKey`` for a point off the curve.
    package convenience init(curve: EllipticCurve, x: [UInt8], y: [UInt8]) throws(CryptoError) {
        let count = curve.coordinateByteCount
        guard x.count == count, y.count == count else { throw .malformedKey }
        do {
            try self.init(spki: Self.spki(curve, x: x, y: y))
        } catch .malformedKey {
            // The frame is ours and the lengths fit: only the point itself can have been refused.
            throw .weakKey
        }
    }

    /// The form of RFC 5480 §2: a named curve and an uncompressed point.
    private static func spki(_ curve: EllipticCurve, x: [UInt8], y: [UInt8]) -> [UInt8] {
        DER.sequence(DER.sequence(OID.ecPublicKey, curve.oid), DER.bitString([0x04] + x + y))
    }

    /// 32 bytes of RFC 8032 §5.1.5.
    package convenience init(ed25519 bytes: [UInt8]) throws(CryptoError) {
        guard bytes.count == 32 else { throw .malformedKey }
        try self.init(spki: DER.sequence(DER.sequence(OID.ed25519), DER.bitString(bytes)))
    }
}

// MARK: - Components

/// The numbers of a public key, in the forms RFC 7518 §6 publishes.
package enum PublicKeyComponents: Equatable, Sendable {
    /// Big-endian without leading zeros.
    case rsa(modulus: [UInt8], exponent: [UInt8])
    /// Big-endian, each of the curve's length.
    case elliptic(EllipticCurve, x: [UInt8], y: [UInt8])
    case ed25519([UInt8])
}

extension PublicKey {
    package func components() throws(CryptoError) -> PublicKeyComponents {
        switch kind {
        case .rsa:
            return .rsa(
                modulus: try handle.number(OSSL_PKEY_PARAM_RSA_N), exponent: try handle.number(OSSL_PKEY_PARAM_RSA_E))
        case .elliptic(let curve):
            let count = curve.coordinateByteCount
            return .elliptic(
                curve, x: try handle.number(OSSL_PKEY_PARAM_EC_PUB_X, count: count),
                y: try handle.number(OSSL_PKEY_PARAM_EC_PUB_Y, count: count))
        case .ed25519: return .ed25519(try handle.rawPublicKey(count: 32))
        }
    }

    /// SHA-256 of the SubjectPublicKeyInfo, which names our own keys.
    package var spkiSHA256: Digest32 { SHA256.hash(spki) }

    package var pem: String { PEM.encode("PUBLIC KEY", spki) }
}

extension PublicKey: Equatable {
    package static func == (left: PublicKey, right: PublicKey) -> Bool { left.spki == right.spki }
}
