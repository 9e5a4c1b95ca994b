import Crypto
import HTTP
import Primitives

/// One visit of a person to an authorization server: what is asked, and the secrets that tie the answer to the question.
struct AuthorizationAttempt: Sendable {
    /// Comes back unchanged, so that nobody can hand us an answer to a question that we did not ask.
    let state: String
    /// Shown with the code: whoever steals the code alone has nothing (RFC 7636).
    let verifier: Secret<String>
    let redirectURI: String

    init(redirectURI: String) {
        state = RandomToken.base64URL(bytes: 32)
        verifier = Secret(RandomToken.base64URL(bytes: 32))
        self.redirectURI = redirectURI
    }

    /// The address to open in a browser.
    func url(at server: AuthorizationServer, client: String, resource: String) -> String {
        var query = QueryString()
        query.append("response_type", "code")
        query.append("client_id", client)
        query.append("redirect_uri", redirectURI)
        query.append("state", state)
        query.append("code_challenge", Base64URL.encode(SHA256.hash(verifier.exposed()).bytes))
        query.append("code_challenge_method", "S256")
        query.append("resource", resource)
        let separator = server.authorizationEndpoint.contains("?") ? "&" : "?"
        return server.authorizationEndpoint + separator + query.text
    }

    /// The code in an answer that came to the redirect URI; `nil` for what answers another question, which is ignored, so
    /// that another page of the browser cannot end the attempt.
    ///
    /// - Parameter server: whose answer it must be (RFC 9207 §2.4).
    func code(in answer: QueryString, from server: AuthorizationServer) -> Result<Secret<String>, ClientError>? {
        let states = answer.values("state")
        guard states.count == 1, constantTimeEqual(Array(states[0].utf8), Array(state.utf8)) else { return nil }
        let issuers = answer.values("iss")
        if issuers.isEmpty, server.namesItself {
            return .failure(.untrusted("the answer in the browser does not say who gave it"))
        }
        guard issuers.count <= 1, issuers.allSatisfy({ Array($0.utf8) == Array(server.issuer.utf8) }) else {
            return .failure(
                .untrusted("the answer in the browser is from \(issuers.joined(separator: ", ")), not \(server.issuer)")
            )
        }
        if let code = answer["error"] {
            let refusal = OAuthRefusal(code: code, description: answer["error_description"])
            return .failure(.denied("\(server.issuer) gave no access: \(refusal.sentence)"))
        }
        let codes = answer.values("code")
        guard codes.count == 1, !codes[0].isEmpty else {
            return .failure(.untrusted("the answer in the browser holds no code"))
        }
        return .success(Secret(codes[0]))
    }
}
