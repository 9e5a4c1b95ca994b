import HTTP
import JSON
import Primitives

/// The token endpoint of an authorization server, for a client without a secret.
struct TokenEndpoint: Sendable {
    let url: String
    let client: String
    let transport: any Transport

    struct Tokens: Sendable {
        let access: Secret<String>
        let refresh: Secret<String>?
        let lifetime: Duration?
    }

    enum Outcome: Sendable {
        case tokens(Tokens)
        case refused(OAuthRefusal)
    }

    /// RFC 6749 §4.1.3, RFC 7636 §4.5, RFC 8707 §2.2.
    func redeem(
        code: Secret<String>, of attempt: AuthorizationAttempt, resource: String
    ) async throws(ClientError) -> Outcome {
        var form = QueryString()
        form.append("grant_type", "authorization_code")
        form.append("code", code.exposed())
        form.append("redirect_uri", attempt.redirectURI)
        form.append("client_id", client)
        form.append("code_verifier", attempt.verifier.exposed())
        form.append("resource", resource)
        return try await ask(form)
    }

    /// RFC 6749 §6.
    func refresh(_ token: Secret<String>, resource: String) async throws(ClientError) -> Outcome {
        var form = QueryString()
        form.append("grant_type", "refresh_token")
        form.append("refresh_token", token.exposed())
        form.append("client_id", client)
        form.append("resource", resource)
        return try await ask(form)
    }

    /// Whether the server still knows the client. A code that never was tells: the client is looked at first, and a person
    /// whose browser is sent to a server that has forgotten the client would wait there for nothing.
    func knowsClient() async throws(ClientError) -> Bool {
        let attempt = AuthorizationAttempt(redirectURI: AgentRegistration.redirectURI)
        var form = QueryString()
        form.append("grant_type", "authorization_code")
        form.append("code", attempt.state)
        form.append("redirect_uri", attempt.redirectURI)
        form.append("client_id", client)
        form.append("code_verifier", attempt.verifier.exposed())
        guard case .refused(let refusal) = try await ask(form) else { return true }
        return refusal.code != "invalid_client"
    }

    private func ask(_ form: QueryString) async throws(ClientError) -> Outcome {
        let answer = try await AgentExchange.post(form, to: url, over: transport)
        let document = try? JSONParser.parse(answer.body, limits: JSONLimits(maxDepth: 16))
        guard answer.status == 200 else {
            if answer.status == 429 || answer.status >= 500 {
                throw .agent(.busy("\(url) answers with status \(answer.status)"))
            }
            return .refused(OAuthRefusal(document, answer.status))
        }
        guard let access = document?["access_token"]?.stringValue, Self.isToken(access) else {
            throw .untrusted("\(url) answered without an access token")
        }
        guard document?["token_type"]?.stringValue?.lowercased() == "bearer" else {
            throw .untrusted("\(url) gave a token that is no bearer token")
        }
        let refresh = document?["refresh_token"]?.stringValue.flatMap { Self.isToken($0) ? Secret($0) : nil }
        let lifetime = document?["expires_in"]?.integerValue.map { Duration.seconds(min(max($0, 0), 366 * 86_400)) }
        return .tokens(Tokens(access: Secret(access), refresh: refresh, lifetime: lifetime))
    }

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 16 * 1024 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
