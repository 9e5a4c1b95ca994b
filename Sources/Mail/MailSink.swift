// Mail: handing plain text messages over, to a submission server or to a folder.
//
// Invariants: a message is checked when it is made, so a sink never sees text that could begin a header or a command of its
// own; nothing but the greeting and EHLO is said before the connection is encrypted, unless the settings say so or the
// server is on this machine; one deadline covers a whole message.
//
// Read `MailMessage.swift`, then `SMTPSession.swift`.

/// Where messages are handed over.
package protocol MailSink: Sendable {
    /// Returns once the other side has taken responsibility for the message.
    ///
    /// - Throws: ``MailError``; the message may have been taken when that is `timedOut` or `connectionFailed`.
    func send(_ message: MailMessage) async throws(MailError)
}
