import APIClient
import CommandLine

/// Errors as a person reads them: one line a problem, then what to do next.
enum Failures {
    static func reporting(
        _ terminal: Terminal, _ body: () async throws(ClientError) -> ExitCode
    ) async -> ExitCode {
        do throws(ClientError) {
            return try await body()
        } catch {
            for line in lines(of: error) { terminal.printError(SafeText.oneLine(line) + "\n") }
            return ExitCode(error.outcome.rawValue)
        }
    }

    static func lines(of error: ClientError) -> [String] {
        switch error {
        case .refused(let refusal):
            var lines =
                refusal.problems.isEmpty
                ? ["error: \(refusal.request) was refused with status \(refusal.status)"]
                : refusal.problems.map(\.line)
            if let hint = hint(for: refusal) { lines.append("hint: \(hint)") }
            if refusal.status >= 500, let ray = refusal.ray {
                lines.append("hint: the server's log names this request \(ray)")
            }
            return lines
        case .unreachable(let url, let reason):
            return [
                "error: cannot reach \(url): \(reason)",
                "hint: is orgd running there? choose the server with --url or orgctl login",
            ]
        case .malformedAnswer(let what):
            return ["error: \(what)", "hint: check the URL: something else than orgd answers there"]
        case .unknownName(let kind, let name, let near):
            let hint =
                near.isEmpty
                ? "the list command of its group shows names and ids"
                : "did you mean \(near.map { "\"\($0)\"" }.joined(separator: " or "))?"
            return ["error: there is no \(kind) \"\(name)\"", "hint: \(hint)"]
        case .ambiguousName(let kind, let name, let candidates):
            return ["error: the \(kind) \"\(name)\" is not the only one of that name; use an id:"]
                + candidates.map { "  \($0.id)  \($0.detail)" }
        case .misuse(let reason): return ["orgctl: \(reason)"]
        case .invalidInput(let reason): return ["error: \(reason)"]
        case .unreadable(let path, let reason): return ["error: cannot read \(path): \(reason)"]
        case .unwritable(let path, let reason): return ["error: cannot write \(path): \(reason)"]
        case .declined: return ["Nothing was changed."]
        case .agent(let fault): return fault.lines
        }
    }

    /// The next step for refusals that have one.
    private static func hint(for refusal: APIRefusal) -> String? {
        for problem in refusal.problems {
            switch problem.code {
            case 9999: return "the account has no Zero Trust organization yet: orgctl zero-trust create --auth-domain …"
            case 9109, 1000: return "the token is expired, disabled or not for this address: orgctl login"
            case 10000 where refusal.status == 401: return "the server does not know this token: orgctl login"
            case 10000: return "the token lacks a permission: orgctl token permission-groups lists them"
            case 12136: return "a connection is changed at its source account; orgctl bridge status names it"
            case 21031: return "a token cannot hand out more than it holds"
            case 21104: return "delete its grant first: orgctl bridge grant delete …"
            case 21105:
                return "it is the primary: choose another with orgctl primary-idp set, or orgctl primary-idp clear"
            case 21106: return "name a primary first: orgctl primary-idp set --idp … --account …"
            case 21107: return "enforcement allows only the primary: orgctl primary-idp show"
            case 21904: return "somebody changed it meanwhile: look at it and try again"
            default: continue
            }
        }
        return refusal.status == 429 || refusal.status == 503 ? "try again in a moment" : nil
    }
}
