import Crypto
import JOSE
import JSON

/// The signing keys of the provider: one of each kind at a time, and those before them for as long as they are listed.
struct DemoKeys: Sendable {
    struct Pair: Sendable {
        let key: PrivateKey
        let keyID: String
        let algorithm: JWSAlgorithm

        var listed: JWK { JWK(key.publicKey, keyID: keyID, algorithm: algorithm) }
    }

    private(set) var current: [Pair]
    private(set) var retired: [Pair] = []
    private var round = 1

    init(rsaKey: PrivateKey?) throws(CryptoError) { current = try Self.pairs(round: 1, rsaKey) }

    /// Signs with new keys from now on.
    ///
    /// - Parameter keepingOld: whether the keys before stay listed.
    mutating func rotate(keepingOld: Bool) throws(CryptoError) {
        round += 1
        let fresh = try Self.pairs(round: round)
        retired = keepingOld ? Array((current + retired).prefix(8)) : []
        current = fresh
    }

    private static func pairs(round: Int, _ rsaKey: PrivateKey? = nil) throws(CryptoError) -> [Pair] {
        let rsaKey = if let rsaKey { rsaKey } else { try PrivateKey.generate(.rsa(bits: 2048)) }
        return [
            Pair(key: rsaKey, keyID: "rsa-\(round)", algorithm: .rs256),
            Pair(key: try .generate(.elliptic(.p256)), keyID: "ec-\(round)", algorithm: .es256),
        ]
    }

    func pair(for algorithm: JWSAlgorithm) -> Pair? { current.first { $0.algorithm == algorithm } }

    func document() throws(CryptoError) -> [UInt8] { try JWKSet((current + retired).map(\.listed)).serialized() }
}
