import COpenSSL

/// One reference to an `EVP_PKEY`. Freed once, when the last owner goes.
///
/// Sendable because an `EVP_PKEY` is never changed after it was made here, its reference count is atomic, and OpenSSL
/// guards the provider-side caches that operations fill in (`openssl-threads(7)`).
@safe
final class KeyHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes over one reference.
    init(owning pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe EVP_PKEY_free(pointer) }
}

extension KeyHandle {
    var kind: KeyKind? {
        switch unsafe EVP_PKEY_get_base_id(pointer) {
        case EVP_PKEY_RSA: return .rsa(bits: Int(unsafe EVP_PKEY_get_bits(pointer)))
        case EVP_PKEY_ED25519: return .ed25519
        case EVP_PKEY_EC:
            var name = [CChar](repeating: 0, count: 64)
            var length = 0
            guard unsafe EVP_PKEY_get_group_name(pointer, &name, name.count, &length) == 1 else {
                ERR_clear_error()
                return nil
            }
            let group = String(decoding: name.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return EllipticCurve.allCases.first { $0.groupName == group }.map { .elliptic($0) }
        default: return nil
        }
    }

    /// SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
    func publicKeyDER() throws(CryptoError) -> [UInt8] {
        let length = unsafe i2d_PUBKEY(pointer, nil)
        guard length > 0 else { throw .fromQueue() }
        var bytes = [UInt8](repeating: 0, count: Int(length))
        let written = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            var output = buffer.baseAddress
            return unsafe i2d_PUBKEY(pointer, &output)
        }
        guard written == length else { throw .fromQueue() }
        return bytes
    }

    /// The number `name` of a key, big-endian and left-padded to `count` bytes; in its natural length without `count`.
    func number(_ name: String, count: Int? = nil) throws(CryptoError) -> [UInt8] {
        var number: OpaquePointer?
        guard unsafe EVP_PKEY_get_bn_param(pointer, name, &number) == 1, let number = unsafe number else {
            throw .fromQueue()
        }
        defer { unsafe BN_clear_free(number) }
        let natural = (Int(unsafe BN_num_bits(number)) + 7) / 8
        var bytes = [UInt8](repeating: 0, count: count ?? natural)
        guard unsafe BN_bn2binpad(number, &bytes, Int32(bytes.count)) == Int32(bytes.count) else {
            throw .fromQueue()
        }
        return bytes
    }

    func rawPublicKey(count: Int) throws(CryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var length = count
        guard unsafe EVP_PKEY_get_raw_public_key(pointer, &bytes, &length) == 1, length == count else {
            throw .fromQueue()
        }
        return bytes
    }
}
