package import Primitives

/// The name of a session in tokens (`identity_nonce`): 16 letters and digits.
package struct SessionNonce: Hashable, Sendable {
    package let text: String

    package init?(_ text: String) {
        guard text.utf8.count == 16, text.utf8.allSatisfy({ Self.isAlphanumeric($0) }) else { return nil }
        self.text = text
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}

/// A person's session with a team, its identity as JSON.
package struct Session: Sendable, Equatable {
    package let nonce: SessionNonce
    package let account: AccountID
    package let user: AccessUserID
    package let provider: IdentityProviderID
    package let sourceAccount: AccountID?
    /// As the identity provider wrote it.
    package let email: String
    package let identity: JSONText
    package let address: String
    package let country: String
    package let createdAt: Timestamp
    package let expiresAt: Timestamp

    package init(
        nonce: SessionNonce, account: AccountID, user: AccessUserID, provider: IdentityProviderID,
        sourceAccount: AccountID?, email: String, identity: JSONText, address: String, country: String,
        createdAt: Timestamp, expiresAt: Timestamp
    ) {
        self.nonce = nonce
        self.account = account
        self.user = user
        self.provider = provider
        self.sourceAccount = sourceAccount
        self.email = email
        self.identity = identity
        self.address = address
        self.country = country
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// For whom a token of an application stands.
package enum TokenHolder: Sendable, Equatable {
    case person(Session)
    case service(ServiceTokenID)
}

/// A token of an application as it is remembered; the token itself is only in the browser.
package struct ApplicationToken: Sendable, Equatable {
    package let application: ApplicationID
    package let holder: TokenHolder
    package let policy: PolicyID
    /// SHA-256 of the binding cookie that must accompany it.
    package let bindingDigest: [UInt8]?
    /// Never renewed without a login.
    package let isMomentary: Bool
    package let createdAt: Timestamp
    package let expiresAt: Timestamp

    package init(
        application: ApplicationID, holder: TokenHolder, policy: PolicyID, bindingDigest: [UInt8]?, isMomentary: Bool,
        createdAt: Timestamp, expiresAt: Timestamp
    ) {
        self.application = application
        self.holder = holder
        self.policy = policy
        self.bindingDigest = bindingDigest
        self.isMomentary = isMomentary
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

extension Session {
    /// How long a person whose sessions were ended stays out.
    package static let revocationPause = Duration.seconds(60)
}
