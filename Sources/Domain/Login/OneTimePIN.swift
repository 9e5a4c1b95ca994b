package import Primitives

/// A PIN that somebody asked for. The row is there whether or not a mail was sent, so that nothing else differs.
package struct OneTimePIN: Sendable, Equatable {
    package let account: AccountID
    /// SHA-256 of the `state` of the attempt.
    package let stateDigest: [UInt8]
    /// Lowercase.
    package let email: String
    /// An authenticator of the digits under the server's key.
    package let codeDigest: [UInt8]
    /// SHA-256 of the cookie that tells browsers apart.
    package let deviceDigest: [UInt8]
    package let address: String
    package let wasSent: Bool
    package let sentAt: Timestamp
    package let expiresAt: Timestamp

    /// How long a PIN is good (contract 20 §5).
    package static let lifetime = Duration.seconds(600)
    package static let digits = 6
    package static let tries = 5
    /// Between two mails to one address.
    package static let interval = Duration.seconds(60)
    /// What is counted below is counted over this time.
    package static let window = Duration.seconds(3600)
    package static let mailsToAddress = 10
    package static let wrongTriesForAddress = 20
    package static let mailsFromDevice = 10
    package static let mailsFromClient = 60

    package init(
        account: AccountID, stateDigest: [UInt8], email: String, codeDigest: [UInt8], deviceDigest: [UInt8],
        address: String, wasSent: Bool, sentAt: Timestamp
    ) {
        self.account = account
        self.stateDigest = stateDigest
        self.email = email
        self.codeDigest = codeDigest
        self.deviceDigest = deviceDigest
        self.address = address
        self.wasSent = wasSent
        self.sentAt = sentAt
        expiresAt = sentAt + Self.lifetime
    }
}
