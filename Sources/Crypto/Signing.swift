/// Signs with one key and one algorithm. Holds a prepared context, so it belongs to one loop or thread.
package final class Signer {
    package let algorithm: SignatureAlgorithm
    private let key: PrivateKey
    private let context: SignatureContext

    /// - Throws: ``CryptoError/wrongKeyForAlgorithm`` when the key's type or curve does not fit.
    package init(_ key: PrivateKey, _ algorithm: SignatureAlgorithm) throws(CryptoError) {
        guard algorithm.accepts(key.kind) else { throw .wrongKeyForAlgorithm }
        self.key = key
        self.algorithm = algorithm
        context = try SignatureContext(key.handle, algorithm, .signing)
    }

    /// The signature as JOSE spells it: raw r‖s for ECDSA.
    package func sign(_ message: some Collection<UInt8>) throws(CryptoError) -> [UInt8] {
        let signature = try signDER(message)
        guard case .elliptic(let curve) = key.kind else { return signature }
        guard let raw = ECDSASignature.raw(fromDER: signature, count: curve.coordinateByteCount) else {
            throw .library(code: 0, reason: "signature is no DER sequence of two numbers")
        }
        return raw
    }

    /// The signature as X.509 spells it: a DER sequence for ECDSA.
    func signDER(_ message: some Collection<UInt8>) throws(CryptoError) -> [UInt8] {
        let outcome = unsafe message.withContiguousBytes { bytes in
            Result<[UInt8], CryptoError> { () throws(CryptoError) in try unsafe context.sign(bytes) }
        }
        return try outcome.get()
    }
}

extension PrivateKey {
    /// One signature without a signer to keep; usable from any thread.
    package func sign(
        _ message: some Collection<UInt8>, _ algorithm: SignatureAlgorithm
    ) throws(CryptoError) -> [UInt8] {
        try Signer(self, algorithm).sign(message)
    }
}

/// Verifies with one key and one algorithm. Holds a prepared context, so it belongs to one loop or thread.
package final class SignatureVerifier {
    package let algorithm: SignatureAlgorithm
    package let key: PublicKey
    private let context: SignatureContext

    /// - Throws: ``CryptoError/wrongKeyForAlgorithm`` when the key's type or curve does not fit.
    package init(_ key: PublicKey, _ algorithm: SignatureAlgorithm) throws(CryptoError) {
        guard algorithm.accepts(key.kind) else { throw .wrongKeyForAlgorithm }
        self.key = key
        self.algorithm = algorithm
        context = try SignatureContext(key.handle, algorithm, .verifying)
    }

    /// Whether `signature` is one of `message`. It must have exactly the length that key and algorithm determine.
    package func verify(_ signature: [UInt8], of message: some Collection<UInt8>) -> Bool {
        switch key.kind {
        case .rsa(let bits):
            guard signature.count == (bits + 7) / 8 else { return false }
            return unsafe message.withContiguousBytes { unsafe context.verify(signature, of: $0) }
        case .elliptic(let curve):
            guard signature.count == 2 * curve.coordinateByteCount else { return false }
            let der = ECDSASignature.der(fromRaw: signature)
            return unsafe message.withContiguousBytes { unsafe context.verify(der, of: $0) }
        case .ed25519:
            guard signature.count == 64 else { return false }
            return unsafe message.withContiguousBytes { unsafe context.verify(signature, of: $0) }
        }
    }
}

extension PublicKey {
    /// One verification without a verifier to keep; `false` also when the key does not fit the algorithm.
    package func verifies(
        _ signature: [UInt8], of message: some Collection<UInt8>, _ algorithm: SignatureAlgorithm
    ) -> Bool {
        guard let verifier = try? SignatureVerifier(self, algorithm) else { return false }
        return verifier.verify(signature, of: message)
    }
}
