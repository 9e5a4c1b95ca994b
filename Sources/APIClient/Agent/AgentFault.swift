/// Why an agent got no token, or no answer that it may believe.
package enum AgentFault: Error, Equatable, Sendable {
    /// What a server publishes or answers contradicts itself or the standards, so that nothing is sent to it.
    case untrusted(String)
    /// Somebody said no, or the server refused.
    case denied(String)
    /// There is no token, and nobody was to be asked.
    case signInNeeded(url: String)
    /// Nobody finished signing in.
    case signInTimedOut
    /// No answer; `reason` completes "cannot reach <url>: ".
    case unreachable(url: String, reason: String)
    /// The server is busy: try again later.
    case busy(String)

    package var outcome: ClientError.Outcome {
        switch self {
        case .untrusted: .untrusted
        case .denied, .signInNeeded, .signInTimedOut: .notAuthorized
        case .unreachable: .unreachable
        case .busy: .temporary
        }
    }

    /// What happened, then what to do about it where there is something.
    package var lines: [String] {
        switch self {
        case .untrusted(let reason): ["error: \(reason)"]
        case .denied(let reason): ["error: \(reason)"]
        case .signInNeeded(let url):
            ["error: \(url) wants a sign-in", "hint: orgctl access login \(url)"]
        case .signInTimedOut: ["error: nobody signed in", "hint: --timeout gives more time"]
        case .unreachable(let url, let reason): ["error: cannot reach \(url): \(reason)"]
        case .busy(let reason): ["error: \(reason)", "hint: try again in a moment"]
        }
    }
}

extension ClientError {
    /// The usual one: ``AgentFault/untrusted(_:)``.
    static func untrusted(_ reason: String) -> ClientError { .agent(.untrusted(reason)) }

    static func denied(_ reason: String) -> ClientError { .agent(.denied(reason)) }
}
