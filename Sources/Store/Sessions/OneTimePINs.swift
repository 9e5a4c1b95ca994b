package import Domain
package import Primitives
import SQLite

/// What has been asked for lately by one address, browser or client.
package struct PINUse: Sendable, Equatable {
    package let mails: Int
    /// Entries of digits.
    package let tries: Int
    package let lastSentAt: Timestamp?
}

/// The PIN that is good for an attempt now.
package struct CurrentPIN: Sendable, Equatable {
    package let id: Int64
    package let email: String
    package let codeDigest: [UInt8]
    package let tries: Int
    package let expiresAt: Timestamp
}

extension Reading {
    /// What was sent to an address, and tried with it, within ``OneTimePIN/window``. Here and below, what is said to be sent in
    /// the future was sent under a clock that was set back since, and keeps nobody waiting.
    package func pinUse(
        of email: String, in account: AccountID, at now: Timestamp
    ) throws(Failure) -> PINUse {
        try value(
            """
            SELECT count(*), coalesce(sum(tries), 0), max(sent_at) FROM one_time_pins
             WHERE account_id = ? AND email = lower(?) AND sent_at > ? AND sent_at <= ?
            """, account, email, now - OneTimePIN.window, now + Timestamp.clockSkew
        ) { (row) throws(SQLiteError) in
            PINUse(mails: try row.int(0), tries: try row.int(1), lastSentAt: row.optionalTimestamp(2))
        } ?? PINUse(mails: 0, tries: 0, lastSentAt: nil)
    }

    /// PINs that one browser has asked for.
    package func pins(fromDevice digest: [UInt8], at now: Timestamp) throws(Failure) -> Int {
        try count(
            "SELECT count(*) FROM one_time_pins WHERE device_digest = ? AND sent_at > ? AND sent_at <= ?", digest,
            now - OneTimePIN.window, now + Timestamp.clockSkew)
    }

    /// PINs that one client address has asked for.
    package func pins(from address: String, at now: Timestamp) throws(Failure) -> Int {
        try count(
            "SELECT count(*) FROM one_time_pins WHERE ip = ? AND sent_at > ? AND sent_at <= ?", address,
            now - OneTimePIN.window, now + Timestamp.clockSkew)
    }

    /// The latest PIN of an attempt.
    package func currentPIN(_ stateDigest: [UInt8]) throws(Failure) -> CurrentPIN? {
        try value(
            """
            SELECT id, email, code_digest, tries, expires_at FROM one_time_pins WHERE state_digest = ?
             ORDER BY id DESC LIMIT 1
            """, stateDigest
        ) { (row) throws(SQLiteError) in
            CurrentPIN(
                id: try row.int64(0), email: try row.text(1), codeDigest: try row.blob(2), tries: try row.int(3),
                expiresAt: try row.timestamp(4))
        }
    }
}

extension WriteTransaction {
    package func insert(_ pin: OneTimePIN) throws(Failure) {
        try execute(
            """
            INSERT INTO one_time_pins (account_id, state_digest, email, code_digest, device_digest, ip, was_sent,
                                       sent_at, expires_at)
            VALUES (?, ?, lower(?), ?, ?, ?, ?, ?, ?)
            """,
            pin.account, pin.stateDigest, pin.email, pin.codeDigest, pin.deviceDigest, pin.address, pin.wasSent,
            pin.sentAt, pin.expiresAt)
    }

    package func noteTry(of pin: Int64) throws(Failure) {
        try execute("UPDATE one_time_pins SET tries = tries + 1 WHERE id = ?", pin)
    }

    /// No digits are right for an attempt any more.
    package func voidPINs(_ stateDigest: [UInt8]) throws(Failure) {
        try execute("UPDATE one_time_pins SET code_digest = x'' WHERE state_digest = ?", stateDigest)
    }
}
