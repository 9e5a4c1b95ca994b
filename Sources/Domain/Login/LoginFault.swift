/// Why a person is not let in, as pages and the access log name it (contract 40 §1). The raw value is stable.
package enum LoginFaultCode: String, Sendable, CaseIterable {
    case sessionInvalid = "session_invalid"
    case stateMismatch = "state_mismatch"
    case idpError = "idp_error"
    case idpUnreachable = "idp_unreachable"
    case idpNotAllowed = "idp_not_allowed"
    case emailMissing = "email_missing"
    case denied
    case tokenError = "token_error"
    case appNotFound = "app_not_found"
    case bridgeInvalid = "bridge_invalid"
    case rateLimited = "rate_limited"
    case noSeat = "no_seat"
}

/// A login that ends on a page with an explanation.
@usableFromInline
package struct LoginFault: Error, Sendable, Equatable {
    package let code: LoginFaultCode
    /// A sentence for the person: what happened and what to do next. Holds nothing that somebody else sent.
    package let detail: String

    package init(_ code: LoginFaultCode, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}
