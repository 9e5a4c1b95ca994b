/// One thing wrong with a request: what, a sentence that names the next step, and where.
package struct Problem: Sendable, Equatable {
    package let code: ErrorCode
    /// Follows the code's stable token after a colon; empty when the token says it all.
    package let detail: String
    /// An RFC 6901 pointer into the body, `?name` for a query parameter, `#name` for a header field.
    package let pointer: String?

    package init(_ code: ErrorCode, _ detail: String = "", at pointer: String? = nil) {
        self.code = code
        self.detail = detail
        self.pointer = pointer
    }
}

/// A request that was understood and turned down: at least one problem. The first decides the status.
@usableFromInline
package struct Refusal: Error, Sendable, Equatable {
    package let problems: [Problem]
    /// Set where the status differs from the code's usual one (10000 is 401 for unknown credentials).
    package let status: Int?

    package init(_ problem: Problem, status: Int? = nil) {
        problems = [problem]
        self.status = status
    }

    /// - Parameter problems: one or more; at most 20 are kept.
    package init(_ problems: [Problem]) {
        precondition(!problems.isEmpty, "a refusal names what is wrong")
        self.problems = Array(problems.prefix(20))
        status = nil
    }

    package init(_ code: ErrorCode, _ detail: String = "", at pointer: String? = nil) {
        self.init(Problem(code, detail, at: pointer))
    }

    /// The HTTP status of the answer.
    package var httpStatus: Int { status ?? problems[0].code.status }
}

/// Something worth telling beside a successful answer, such as a rule that names an ended connection.
package struct Notice: Sendable, Equatable {
    package let code: Int
    package let token: String
    package let detail: String

    package init(code: Int, token: String, detail: String) {
        self.code = code
        self.token = token
        self.detail = detail
    }
}
