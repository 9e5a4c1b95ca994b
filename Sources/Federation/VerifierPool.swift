import Crypto
import JOSE

/// Prepared verifiers of the keys in use. Belongs to one loop, as the verifiers do.
final class VerifierPool {
    private struct Purpose: Hashable {
        let key: ObjectIdentifier
        let algorithm: JWSAlgorithm
    }

    /// A verifier keeps its key alive, so the identity of a key in here belongs to no other.
    private var verifiers: [Purpose: SignatureVerifier] = [:]
    private let capacity = 512

    /// - Throws: as `JWK.verifier(for:)`.
    func verifier(_ key: JWK, for algorithm: JWSAlgorithm) throws(KeyProblem) -> SignatureVerifier {
        guard let publicKey = key.publicKey else { return try key.verifier(for: algorithm) }
        let purpose = Purpose(key: ObjectIdentifier(publicKey), algorithm: algorithm)
        if let known = verifiers[purpose] { return known }
        let made = try key.verifier(for: algorithm)
        if verifiers.count >= capacity { verifiers.removeAll(keepingCapacity: true) }
        verifiers[purpose] = made
        return made
    }
}
