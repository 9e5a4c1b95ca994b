import Crypto
import HTTP
import Primitives

/// A request for an authorization code (OpenID Connect Core 1.0 §3.1.2.1, RFC 7636).
struct AuthorizationRequest: Sendable {
    let redirectURI: String
    let state: String?
    let nonce: String?
    let scope: String
    let challenge: Challenge?

    enum Challenge: Sendable, Equatable {
        case plain(String)
        case sha256(String)

        func accepts(_ verifier: String) -> Bool {
            switch self {
            case .plain(let expected): constantTimeEqual(Array(expected.utf8), Array(verifier.utf8))
            case .sha256(let expected):
                constantTimeEqual(Array(expected.utf8), Array(Base64URL.encode(SHA256.hash(verifier).bytes).utf8))
            }
        }
    }

    /// - Throws: a sentence for the page: without a trusted address to return to, nothing can be redirected.
    init(_ query: QueryString, clientID: String) throws(DemoFault) {
        guard query["client_id"] == clientID else { throw DemoFault("invalid_request", "client_id is not known") }
        guard let redirectURI = query["redirect_uri"], WebAddress(redirectURI)?.isAcceptable == true else {
            throw DemoFault("invalid_request", "redirect_uri must be an https URL, or http on loopback")
        }
        guard query["response_type"] == "code" else {
            throw DemoFault("unsupported_response_type", "response_type must be code")
        }
        let scope = query["scope"] ?? "openid"
        guard scope.split(separator: " ").contains("openid") else {
            throw DemoFault("invalid_scope", "scope must hold openid")
        }
        self.redirectURI = redirectURI
        self.scope = scope
        state = query["state"]
        nonce = query["nonce"]
        switch (query["code_challenge"], query["code_challenge_method"] ?? "plain") {
        case (nil, _): challenge = nil
        case (let value?, "S256"): challenge = .sha256(value)
        case (let value?, "plain"): challenge = .plain(value)
        default: throw DemoFault("invalid_request", "code_challenge_method must be S256 or plain")
        }
    }
}

/// A code that was given out and not yet redeemed.
struct IssuedCode: Sendable {
    let request: AuthorizationRequest
    let user: DemoUser
    let expiresAt: Timestamp
}

/// What went wrong, in the words of RFC 6749 §5.2.
struct DemoFault: Error {
    let error: String
    let description: String
    let status: Status

    init(_ error: String, _ description: String, status: Status = .badRequest) {
        self.error = error
        self.description = description
        self.status = status
    }
}
