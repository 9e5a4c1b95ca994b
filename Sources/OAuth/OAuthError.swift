/// Why a request of a client is refused, as the client is told (RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core 1.0
/// §3.1.2.6, RFC 6750 §3.1, RFC 8707 §2).
package struct OAuthError: Error, Sendable, Equatable {
    /// The raw value is the registered name.
    package enum Code: String, Sendable, CaseIterable {
        case invalidRequest = "invalid_request"
        case invalidClient = "invalid_client"
        case invalidGrant = "invalid_grant"
        case unauthorizedClient = "unauthorized_client"
        case unsupportedGrantType = "unsupported_grant_type"
        case unsupportedResponseType = "unsupported_response_type"
        case invalidScope = "invalid_scope"
        case invalidTarget = "invalid_target"
        case invalidToken = "invalid_token"
        case accessDenied = "access_denied"
        case loginRequired = "login_required"
        case consentRequired = "consent_required"
        case interactionRequired = "interaction_required"
        case requestNotSupported = "request_not_supported"
        case requestURINotSupported = "request_uri_not_supported"
        case slowDown = "slow_down"
        case temporarilyUnavailable = "temporarily_unavailable"
        case serverError = "server_error"
    }

    package let code: Code
    /// A sentence for whoever develops the client. Printable ASCII without quotes and backslashes (RFC 6749 §5.2), and
    /// nothing that somebody else sent.
    package let detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// The status of an answer that is not a redirect.
    package var status: UInt16 {
        switch code {
        case .invalidClient, .invalidToken: 401
        case .slowDown: 429
        case .temporarilyUnavailable: 503
        case .serverError: 500
        case .invalidRequest, .invalidGrant, .unauthorizedClient, .unsupportedGrantType, .unsupportedResponseType,
            .invalidScope, .invalidTarget, .accessDenied, .loginRequired, .consentRequired, .interactionRequired,
            .requestNotSupported, .requestURINotSupported:
            400
        }
    }
}

extension OAuthError {
    /// One answer for a code or refresh token that is unknown, expired, used up or somebody else's, and for a wrong
    /// verifier: a probe learns nothing from the difference.
    package static let invalidGrant = OAuthError(
        .invalidGrant,
        "the code or refresh token is not valid: it is unknown, expired, used, or was issued to another client")
    package static let invalidClient = OAuthError(
        .invalidClient, "the client is unknown, or did not authenticate as it is registered")
}
