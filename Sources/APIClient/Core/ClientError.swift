/// The one error of this target and of the command line above it.
package enum ClientError: Error, Equatable {
    /// The server answered and refused.
    case refused(APIRefusal)
    /// No answer; `reason` completes "cannot reach <url>: ".
    case unreachable(url: String, reason: String)
    /// An answer that is no envelope: another service answers at this address.
    case malformedAnswer(String)
    /// No resource of that kind has the name.
    case unknownName(kind: String, name: String, near: [String])
    /// Several have it.
    case ambiguousName(kind: String, name: String, candidates: [NameCandidate])
    /// Flags or arguments that do not fit together.
    case misuse(String)
    /// Input that was read and is not valid.
    case invalidInput(String)
    /// A file that cannot be read.
    case unreadable(path: String, reason: String)
    /// A file that cannot be written.
    case unwritable(path: String, reason: String)
    /// Somebody was asked and said no, or could not be asked.
    case declined
    /// What an agent ran into, away from the API.
    case agent(AgentFault)
}

/// One of several resources with the same name.
package struct NameCandidate: Sendable, Equatable {
    package let id: String
    /// What tells it apart: an organization, a domain, a type.
    package let detail: String

    package init(id: String, detail: String) {
        self.id = id
        self.detail = detail
    }
}

extension ClientError {
    /// How a process ends after this error; see `orgctl help exit-codes`.
    package enum Outcome: Int32, Sendable, CaseIterable {
        case refused = 1
        case usage = 64
        case invalidInput = 65
        case noInput = 66
        case unreachable = 69
        case cannotCreate = 73
        case temporary = 75
        case untrusted = 76
        case notAuthorized = 77
    }

    package var outcome: Outcome {
        switch self {
        case .refused(let refusal): refusal.outcome
        case .unreachable, .malformedAnswer: .unreachable
        case .unknownName, .ambiguousName, .declined: .refused
        case .misuse: .usage
        case .invalidInput: .invalidInput
        case .unreadable: .noInput
        case .unwritable: .cannotCreate
        case .agent(let fault): fault.outcome
        }
    }

    package func has(_ code: Int) -> Bool {
        if case .refused(let refusal) = self { refusal.has(code) } else { false }
    }
}

extension APIRefusal {
    /// Codes that mean the credential itself is missing, unknown or too weak. Other 403 answers are rules of the domain,
    /// such as enforcement, which a stronger token would not change.
    private static let credentialCodes: Set<Int> = [1000, 1002, 6003, 9106, 9109, 10000, 21031]

    package var outcome: ClientError.Outcome {
        if status == 429 || status == 503 { return .temporary }
        if status == 401
            || ((400...403).contains(status) && problems.contains { Self.credentialCodes.contains($0.code) })
        {
            return .notAuthorized
        }
        if status == 502 || status == 504 { return .unreachable }
        return .refused
    }
}
