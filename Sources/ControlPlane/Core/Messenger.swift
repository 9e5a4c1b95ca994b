import Primitives

/// A plain text message to one person.
package struct Letter: Sendable, Equatable {
    package let to: String
    package let subject: String
    package let body: String

    package init(to: String, subject: String, body: String) {
        self.to = to
        self.subject = subject
        self.body = body
    }
}

/// Hands letters over without making anybody wait: how long that takes would tell strangers whether there was a letter.
package protocol Messenger: Sendable {
    /// Whether the mail server did not take letters lately, whoever they were for.
    var isFailing: Bool { get }

    /// Failures are the messenger's to log.
    func post(_ letter: Letter)
}
