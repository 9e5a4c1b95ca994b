package import Crypto
package import Domain
package import Federation
package import Primitives
package import Store

/// The control plane: everything the use cases share. Edges hand it requests and turn its answers into bytes.
package final class Plane: Sendable {
    package let store: Database
    package let clock: any WallClock
    package let settings: Settings
    package let vault: Vault
    /// The keys of identity providers.
    package let keys: KeyCache
    /// The keys of accounts.
    package let teamKeys = TeamKeys()
    /// Asks an identity provider whether it works; absent where there is no network to ask over.
    package let probe: (any IdentityProviderProbe)?
    /// Sends mail; absent where the server sends none.
    package let messenger: (any Messenger)?

    package init(
        store: Database, clock: any WallClock, settings: Settings, vault: Vault, keys: KeyCache? = nil,
        probe: (any IdentityProviderProbe)? = nil, messenger: (any Messenger)? = nil
    ) {
        self.messenger = messenger
        self.store = store
        self.clock = clock
        self.settings = settings
        self.vault = vault
        self.keys = keys ?? KeyCache(fetcher: OfflineFetcher(), clock: clock)
        self.probe = probe ?? keys.map { KeyProbe(keys: $0) }
    }
}

/// Finds out whether an identity provider could serve a login.
package protocol IdentityProviderProbe: Sendable {
    /// Why a login would fail now, or `nil` when discovery and keys are there.
    func failure(of provider: IdentityProvider) async -> String?
}

/// The server's secret key and what is derived from it.
package struct Vault: Sendable {
    private let sealing: SealingKey
    private let signing: Secret<[UInt8]>

    /// - Parameter key: the 32 bytes of the secret key file.
    package init(key: [UInt8]) throws(CryptoError) {
        sealing = try SealingKey(HMAC.sha256(key: key, Array("orgd sealing".utf8)).bytes)
        signing = Secret(HMAC.sha256(key: key, Array("orgd cursors".utf8)).bytes)
    }

    /// Encrypts a secret for storage. `purpose` names the row it belongs to, so that it cannot be moved to another.
    package func seal(_ secret: [UInt8], for purpose: String) throws(CryptoError) -> [UInt8] {
        try sealing.seal(secret, associatedData: Array(purpose.utf8))
    }

    package func open(_ sealed: [UInt8], for purpose: String) throws(CryptoError) -> [UInt8] {
        try sealing.open(sealed, associatedData: Array(purpose.utf8))
    }

    /// A 16-byte authenticator for cursors and page tokens.
    package func authenticator(of bytes: [UInt8]) -> [UInt8] {
        Array(HMAC.sha256(key: signing.exposed(), bytes).bytes.prefix(16))
    }
}
