package import Crypto

/// Why a key may not verify a token.
package enum KeyProblem: Error, Equatable, Sendable {
    /// RSA length or exponent, a curve that is not the algorithm's, a point off its curve.
    case weakKey
    /// `kty` belongs to other algorithms; `oct` to none.
    case wrongKeyType
    /// `use` is not `sig`.
    case wrongUse
    /// `key_ops` lacks `verify`.
    case wrongOperations
    /// `alg` names another algorithm.
    case wrongAlgorithm
}

extension JWK {
    /// The reason not to verify `algorithm` with this key, `nil` when it fits.
    package func problem(for algorithm: JWSAlgorithm) -> KeyProblem? {
        guard keyType == algorithm.keyType else { return .wrongKeyType }
        switch material {
        case .symmetric: return .wrongKeyType
        case .weak: return .weakKey
        case .key(let key): guard algorithm.signature.accepts(key.kind) else { return .weakKey }
        }
        return declaredProblem(for: algorithm)
    }

    /// What the owner's own statements say, apart from the key's strength.
    func declaredProblem(for algorithm: JWSAlgorithm) -> KeyProblem? {
        guard keyType == algorithm.keyType else { return .wrongKeyType }
        if let use, use != "sig" { return .wrongUse }
        if let operations, !operations.contains("verify") { return .wrongOperations }
        if let algorithmName, algorithmName != algorithm.rawValue { return .wrongAlgorithm }
        return nil
    }

    /// A verifier for one loop to keep.
    ///
    /// - Throws: as ``problem(for:)``; ``KeyProblem/weakKey`` also when libcrypto refuses the key.
    package func verifier(for algorithm: JWSAlgorithm) throws(KeyProblem) -> SignatureVerifier {
        if let problem = problem(for: algorithm) { throw problem }
        guard let publicKey else { throw .wrongKeyType }
        do {
            return try SignatureVerifier(publicKey, algorithm.signature)
        } catch {
            throw .weakKey
        }
    }
}
