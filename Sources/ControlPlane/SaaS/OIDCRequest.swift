import Domain
package import HTTP
package import OAuth
import Primitives

/// An authentication request (OpenID Connect Core 1.0 §3.1.2.1, §3.2.2.1, §3.3.2.1) to a redirect URI that was checked.
package struct OIDCRequest: Sendable {
    package let responseType: ResponseType
    /// Where the answer goes, with what it begins with.
    package let answer: AuthorizationAnswer
    let scopes: [String]
    let nonce: String?
    let challenge: CodeChallenge?
    /// `prompt=none`: no page may be shown.
    let isSilent: Bool
    /// `prompt=login` and what comes to the same.
    package let asksForLogin: Bool
    /// Seconds since the person last proved who they are.
    let maxAge: Int64?
    package let loginHint: String?
}

extension OIDCClient {
    /// The redirect URI of a request, if it is registered: only then does anything go there.
    package func redirectURI(of query: QueryString) -> String? {
        guard query.count("client_id") == 1, query["client_id"] == id.hex, query.count("redirect_uri") == 1,
            let uri = query["redirect_uri"], RedirectMatch.matches(uri, anyOf: redirectURIs)
        else { return nil }
        return uri
    }

    /// How an answer to a request reaches its client, whatever else is wrong with the request.
    package func answer(to uri: String, of query: QueryString) -> AuthorizationAnswer {
        let type = query["response_type"].flatMap { ResponseType($0) }
        let wished = query["response_mode"].flatMap { ResponseMode(rawValue: $0) }
        let mode = wished.flatMap { type?.allows($0) == false ? nil : $0 } ?? type?.defaultMode ?? .query
        return AuthorizationAnswer(
            to: uri, mode, state: query.count("state") == 1 ? query["state"] : nil, issuer: issuer)
    }

    /// Reads a request.
    ///
    /// - Throws: what its client is told.
    package func request(_ query: QueryString, _ answer: AuthorizationAnswer) throws(OAuthError) -> OIDCRequest {
        let parameters = try Parameters(query)
        guard parameters["request"] == nil else {
            throw OAuthError(.requestNotSupported, "request objects are not supported")
        }
        guard parameters["request_uri"] == nil else {
            throw OAuthError(.requestURINotSupported, "request_uri is not supported")
        }
        guard let type = ResponseType(try parameters.required("response_type")), responseTypes.contains(type) else {
            throw OAuthError(.unsupportedResponseType, "this application does not use that response_type")
        }
        if let mode = parameters["response_mode"] {
            guard let mode = ResponseMode(rawValue: mode), type.allows(mode) else {
                throw OAuthError(
                    .invalidRequest, "response_mode must be query, fragment or form_post, and not query for tokens")
            }
        }
        if let state = parameters["state"], state.utf8.count > 4096 {
            throw OAuthError(.invalidRequest, "state is longer than 4096 bytes")
        }
        let nonce = parameters["nonce"]
        if type.hasIDToken, nonce == nil {
            throw OAuthError(.invalidRequest, "nonce is missing: it is required with id_token")
        }
        if let nonce, nonce.utf8.count > 1024 { throw OAuthError(.invalidRequest, "nonce is longer than 1024 bytes") }
        let challenge = type.hasCode ? try CodeChallenge.read(parameters, isRequired: requiresPKCE) : nil
        let prompts = parameters.list("prompt")
        guard prompts.allSatisfy({ ["none", "login", "consent", "select_account"].contains($0) }),
            !prompts.contains("none") || prompts.count == 1
        else { throw OAuthError(.invalidRequest, "prompt must be none or login") }
        var maxAge: Int64?
        if let text = parameters["max_age"] {
            guard let number = Int64(text), number >= 0, text.utf8.first != UInt8(ascii: "+") else {
                throw OAuthError(.invalidRequest, "max_age must be a number of seconds")
            }
            maxAge = number
        }
        // Nobody is asked for consent here, the administrator gave it; another account is chosen by another login.
        return OIDCRequest(
            responseType: type, answer: answer, scopes: try granted(parameters), nonce: nonce, challenge: challenge,
            isSilent: prompts == ["none"],
            asksForLogin: prompts.contains("login") || prompts.contains("select_account"), maxAge: maxAge,
            loginHint: parameters["login_hint"].flatMap { $0.utf8.count <= 320 ? $0 : nil })
    }

    /// What of the scope is granted: unknown values are ignored (OpenID Connect Core 1.0 §3.1.2.1).
    private func granted(_ parameters: Parameters) throws(OAuthError) -> [String] {
        guard parameters["scope"] != nil else { return scopes }
        let asked = parameters.list("scope")
        guard asked.contains("openid") else {
            throw OAuthError(.invalidScope, "scope must contain openid")
        }
        return offeredScopes.filter { asked.contains($0) }
    }
}
