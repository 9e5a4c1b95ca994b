import Crypto
package import Domain
import Primitives
package import Store

/// A key pair that is ready to be installed: made outside any transaction, because an RSA key takes a tenth of a second.
package struct FreshSigningKey: Sendable {
    fileprivate let id: SigningKeyID
    fileprivate let publicDER: [UInt8]
    fileprivate let sealed: [UInt8]
}

extension Plane {
    /// Makes an RSA key of 2048 bits on a background thread, neither on a loop nor on the writer's.
    package func makeSigningKey() async throws(Failure) -> FreshSigningKey {
        try await store.background { [vault] (_) throws(Failure) in
            do throws(CryptoError) {
                let key = try PrivateKey.generate(.rsa(bits: 2048))
                let digest = key.publicKey.spkiSHA256
                guard let id = SigningKeyID(bytes: digest.bytes) else { throw CryptoError.malformedKey }
                return FreshSigningKey(
                    id: id, publicDER: key.publicKey.spki,
                    sealed: try vault.seal(try key.exposedPKCS8(), for: SealedKeys.purpose(of: id)))
            } catch { throw .inconsistent("a signing key could not be made: \(error)") }
        }
    }
}

extension Act {
    /// The rotation of an account's keys (contract 20 §15).
    package func keyRotation(of account: AccountID) throws(Failure) -> KeyRotation {
        guard let rotation = try transaction.keyRotation(of: account) else { throw .refused(.zeroTrustNotEnabled) }
        return rotation
    }

    package func setKeyRotationInterval(_ days: Int, of account: AccountID) throws(Failure) -> KeyRotation {
        try transaction.setKeyRotationInterval(days, of: account)
        record(AuditEvent(.update, AuditedResource(.keys, account.hex), account: account))
        return try keyRotation(of: account)
    }

    /// Signs with a new key from now on; the one before verifies for seven more days.
    package func rotateKeys(to key: FreshSigningKey, of account: AccountID) throws(Failure) -> KeyRotation {
        try install(key, of: account)
        record(AuditEvent(.update, AuditedResource(.keys, account.hex), account: account, description: "rotate"))
        return try keyRotation(of: account)
    }

    /// Gives an account its first key, unless it has one by now.
    package func installFirstKey(_ key: FreshSigningKey, of account: AccountID) throws(Failure) -> SigningKey {
        if let known = try transaction.signingKey(of: account) { return known }
        try install(key, of: account)
        record(AuditEvent(.create, AuditedResource(.keys, account.hex), account: account))
        guard let installed = try transaction.signingKey(of: account) else { throw .inconsistent("a key went missing") }
        return installed
    }

    private func install(_ key: FreshSigningKey, of account: AccountID) throws(Failure) {
        try transaction.install(
            SigningKey(id: key.id, publicDER: key.publicDER, activeFrom: now, verifiesUntil: nil),
            sealedKey: key.sealed,
            of: account, graceEnd: now + SigningKey.grace)
    }
}

/// Private keys at rest.
package enum SealedKeys {
    /// What the encryption of a key is bound to.
    package static func purpose(of id: SigningKeyID) -> String { "signing key \(id.hex)" }
}
