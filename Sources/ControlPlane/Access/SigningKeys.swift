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
        guard let rotation = try transaction.keyRotation(of: account, at: now) else {
            throw .refused(.zeroTrustNotEnabled)
        }
        return rotation
    }

    /// A next key that is listed already was made for the old interval; the new one decides anew.
    package func setKeyRotationInterval(_ days: Int, of account: AccountID) throws(Failure) -> KeyRotation {
        if try keyRotation(of: account).intervalDays != days { try transaction.dropScheduledKey(of: account, at: now) }
        try transaction.setKeyRotationInterval(days, of: account)
        record(AuditEvent(.update, AuditedResource(.keys, account.hex), account: account))
        return try keyRotation(of: account)
    }

    /// Signs with a new key from now on; the one before verifies for seven more days.
    package func rotateKeys(to key: FreshSigningKey, of account: AccountID) throws(Failure) -> KeyRotation {
        try install(key, of: account, from: now)
        record(AuditEvent(.update, AuditedResource(.keys, account.hex), account: account, description: "rotate"))
        return try keyRotation(of: account)
    }

    /// Lists the next key a day before it signs. From its time on it signs without another write, and the one before it
    /// verifies for seven more days (contract 40 §6).
    ///
    /// - Returns: false when somebody rotated meanwhile, and nothing is due.
    package func scheduleKey(_ key: FreshSigningKey, of account: AccountID) throws(Failure) -> Bool {
        let rotation = try keyRotation(of: account)
        guard rotation.scheduled == nil, rotation.due <= now + KeyRotation.lead else { return false }
        // A server that was off when it was time still lists the key for a day first.
        let start = max(rotation.due, now + KeyRotation.lead)
        try install(key, of: account, from: start)
        record(
            AuditEvent(
                .update, AuditedResource(.keys, account.hex), account: account,
                description: "next key, signs from \(start.rfc3339(.seconds))"))
        return true
    }

    /// Gives an account its first key, unless it has one by now.
    package func installFirstKey(_ key: FreshSigningKey, of account: AccountID) throws(Failure) -> SigningKey {
        if let known = try transaction.signingKey(of: account, at: now) { return known }
        try install(key, of: account, from: now)
        record(AuditEvent(.create, AuditedResource(.keys, account.hex), account: account))
        guard let installed = try transaction.signingKey(of: account, at: now) else {
            throw .inconsistent("a key went missing")
        }
        return installed
    }

    private func install(_ key: FreshSigningKey, of account: AccountID, from start: Timestamp) throws(Failure) {
        try transaction.install(
            SigningKey(id: key.id, publicDER: key.publicDER, activeFrom: start, verifiesUntil: nil),
            sealedKey: key.sealed, of: account, graceEnd: start + SigningKey.grace, at: now)
    }
}

/// Private keys at rest.
package enum SealedKeys {
    /// What the encryption of a key is bound to.
    package static func purpose(of id: SigningKeyID) -> String { "signing key \(id.hex)" }
}
