import Crypto
import EventLoops

/// Why a message was not handed over. No text contains a credential or the body of a message.
package enum MailError: Error, Hashable, Sendable {
    /// The settings cannot be used; a sentence that says which part and why.
    case invalidSettings(String)
    /// The message cannot be written as a mail.
    case invalidMessage(String)
    /// The deadline passed.
    case timedOut
    /// The host has no address; the text is the resolver's.
    case unresolved(String)
    case connectionFailed(String)
    /// Certificate or protocol; the text is the library's.
    case tls(String)
    /// The server announces no STARTTLS, or refuses it: nothing was sent.
    case encryptionUnavailable
    /// What the server says is not SMTP, or would be a trick.
    case malformed(String)
    /// The server offers no way to authenticate that we have.
    case authenticationUnavailable
    /// The server said no: its code, and the step it answered.
    case refused(code: Int, step: String)
    /// The folder for messages cannot be written to.
    case fileFailed(String)
    case cancelled
}

extension MailError {
    init(_ error: SocketError) {
        self =
            switch error {
            case .refused: .connectionFailed("connection refused")
            case .unreachable: .connectionFailed("host unreachable")
            case .timedOut: .timedOut
            case .closed: .connectionFailed("connection closed")
            case .cancelled: .cancelled
            case .unresolved(let reason): .unresolved(reason)
            case .system(let error): .connectionFailed("\(error)")
            }
    }

    init(_ error: CryptoError) {
        self =
            switch error {
            case .certificateRejected(let reason): .tls(reason)
            case .truncated: .connectionFailed("the connection ended without a closing alert")
            case .library(_, let reason): .tls(reason)
            case .outOfMemory: .tls("out of memory")
            case .malformedKey: .tls("no certificate in the file")
            case .unsupportedKey, .weakKey, .wrongKeyForAlgorithm, .authenticationFailed: .tls("unusable key")
            }
    }

    /// Whether sending the same message later may succeed (RFC 5321 §4.2.1).
    package var isTransient: Bool {
        switch self {
        case .timedOut, .unresolved, .connectionFailed, .cancelled, .fileFailed: true
        case .refused(let code, _): code / 100 == 4
        case .invalidSettings, .invalidMessage, .tls, .encryptionUnavailable, .malformed, .authenticationUnavailable:
            false
        }
    }

    /// A sentence for a log line or a person.
    package var explanation: String {
        switch self {
        case .invalidSettings(let reason), .invalidMessage(let reason), .connectionFailed(let reason): reason
        case .timedOut: "timed out"
        case .unresolved(let reason): "the host name cannot be resolved: \(reason)"
        case .tls(let reason): "TLS: \(reason)"
        case .encryptionUnavailable: "the server offers no STARTTLS"
        case .malformed(let reason): "malformed reply: \(reason)"
        case .authenticationUnavailable: "the server offers neither AUTH PLAIN nor AUTH LOGIN"
        case .refused(let code, let step): "the server answered \(code) to \(step)"
        case .fileFailed(let reason): reason
        case .cancelled: "cancelled"
        }
    }
}
