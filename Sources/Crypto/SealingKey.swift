import COpenSSL

/// Authenticated encryption of small secrets at rest: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce.
///
/// Random nonces allow 2³² messages under one key before a collision is likelier than 2⁻³².
package struct SealingKey: Sendable {
    package static let byteCount = 32
    private static let nonceCount = 12
    private static let tagCount = 16

    private let key: [UInt8]

    /// - Throws: ``CryptoError/malformedKey`` unless there are exactly 32 bytes.
    package init(_ bytes: [UInt8]) throws(CryptoError) {
        guard bytes.count == Self.byteCount else { throw .malformedKey }
        key = bytes
    }

    package static func generate() -> SealingKey { SealingKey(unchecked: RandomBytes.generate(byteCount)) }

    private init(unchecked bytes: [UInt8]) { key = bytes }

    /// The raw key, for the one place that stores it.
    package func exposedBytes() -> [UInt8] { key }
}

extension SealingKey {
    /// Nonce, ciphertext and tag in one piece: 28 bytes longer than `plaintext`.
    ///
    /// - Parameter associatedData: not stored, but required again to open: bind the row and column here, so that a
    ///   sealed value cannot be moved elsewhere.
    package func seal(
        _ plaintext: some Collection<UInt8>, associatedData: some Collection<UInt8> = [UInt8]()
    ) throws(CryptoError) -> [UInt8] {
        try seal(plaintext, associatedData: associatedData, nonce: RandomBytes.generate(Self.nonceCount))
    }

    /// For test vectors only: a nonce that is used twice under a key gives both messages away.
    package func seal(
        _ plaintext: some Collection<UInt8>, associatedData: some Collection<UInt8>, nonce: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        guard nonce.count == Self.nonceCount else { throw .malformedKey }
        let context = try CipherContext()
        try context.begin(key: key, nonce: nonce, sealing: true)
        try context.authenticate(Array(associatedData))
        let ciphertext = try context.update(Array(plaintext))
        try context.finish()
        return nonce + ciphertext + (try context.tag(count: Self.tagCount))
    }

    /// - Throws: ``CryptoError/authenticationFailed`` for anything but bytes that ``seal(_:associatedData:)`` returned
    ///   under this key and this associated data.
    package func open(
        _ sealed: some Collection<UInt8>, associatedData: some Collection<UInt8> = [UInt8]()
    ) throws(CryptoError) -> [UInt8] {
        let bytes = Array(sealed)
        guard bytes.count >= Self.nonceCount + Self.tagCount else { throw .authenticationFailed }
        let context = try CipherContext()
        try context.begin(key: key, nonce: Array(bytes.prefix(Self.nonceCount)), sealing: false)
        try context.authenticate(Array(associatedData))
        let plaintext = try context.update(Array(bytes.dropFirst(Self.nonceCount).dropLast(Self.tagCount)))
        try context.expect(tag: Array(bytes.suffix(Self.tagCount)))
        do {
            try context.finish()
        } catch {
            throw .authenticationFailed
        }
        return plaintext
    }
}

/// One AES-256-GCM operation. Owns its `EVP_CIPHER_CTX`, whose key schedule is wiped when it is freed.
@safe
private struct CipherContext: ~Copyable {
    private let context: OpaquePointer

    // An EVP_CIPHER is immutable after its fetch and lives as long as the process.
    nonisolated(unsafe) private static let cipher = unsafe EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)

    init() throws(CryptoError) {
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .outOfMemory }
        unsafe self.context = context
    }

    deinit { unsafe EVP_CIPHER_CTX_free(context) }

    func begin(key: [UInt8], nonce: [UInt8], sealing: Bool) throws(CryptoError) {
        guard unsafe EVP_CipherInit_ex2(context, Self.cipher, key, nonce, sealing ? 1 : 0, nil) == 1 else {
            throw .fromQueue()
        }
    }

    func authenticate(_ associatedData: [UInt8]) throws(CryptoError) {
        guard !associatedData.isEmpty else { return }
        var written: Int32 = 0
        guard let count = Int32(exactly: associatedData.count),
            unsafe EVP_CipherUpdate(context, nil, &written, associatedData, count) == 1
        else { throw .fromQueue() }
    }

    func update(_ input: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard !input.isEmpty else { return [] }
        var output = [UInt8](repeating: 0, count: input.count)
        var written: Int32 = 0
        guard let count = Int32(exactly: input.count),
            unsafe EVP_CipherUpdate(context, &output, &written, input, count) == 1, written == count
        else { throw .fromQueue() }
        return output
    }

    /// In GCM nothing is left to write; when opening, this is where the tag is compared.
    func finish() throws(CryptoError) {
        var unused = [UInt8](repeating: 0, count: 16)
        var written: Int32 = 0
        guard unsafe EVP_CipherFinal_ex(context, &unused, &written) == 1 else { throw .fromQueue() }
    }

    func tag(count: Int) throws(CryptoError) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: count)
        guard unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(count), &tag) == 1 else {
            throw .fromQueue()
        }
        return tag
    }

    func expect(tag: [UInt8]) throws(CryptoError) {
        var tag = tag
        guard unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1 else {
            throw .fromQueue()
        }
    }
}
