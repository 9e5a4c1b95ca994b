import Crypto
import HTTP
import JOSE
import JSON
import Primitives
import Synchronization

extension DemoProvider {
    private static let codeLifetime = Duration.seconds(60)
    private static let tokenLifetime = Duration.seconds(3600)
    private static let capacity = 10_000

    /// Signs a person in and gives out a code: the address to send the browser to.
    func authorize(_ request: AuthorizationRequest, as user: DemoUser) -> String {
        let now = clock.now
        let code = RandomToken.base64URL(bytes: 32)
        state.withLock { state in
            if state.codes.count >= Self.capacity { state.codes.removeAll() }
            state.codes[code] = IssuedCode(request: request, user: user, expiresAt: now + Self.codeLifetime)
        }
        var query = QueryString()
        query.append("code", code)
        if let state = request.state { query.append("state", state) }
        return request.redirectURI + (request.redirectURI.contains("?") ? "&" : "?") + query.text
    }

    /// The token endpoint (RFC 6749 §4.1.3 and §4.3.2).
    func redeem(_ form: QueryString) throws(DemoFault) -> [UInt8] {
        guard form["client_id"] == clientID else {
            throw DemoFault("invalid_client", "client_id is not known", status: .unauthorized)
        }
        switch form["grant_type"] {
        case "authorization_code": return try redeemCode(form)
        case "password":
            guard let name = form["username"], let user = user(named: name), form["password"] == DemoUser.password
            else {
                throw DemoFault("invalid_grant", "username or password is wrong")
            }
            return try issue(to: user, nonce: form["nonce"], scope: form["scope"] ?? "openid", form)
        default: throw DemoFault("unsupported_grant_type", "grant_type must be authorization_code or password")
        }
    }

    private func redeemCode(_ form: QueryString) throws(DemoFault) -> [UInt8] {
        let now = clock.now
        // Spent by the attempt, whatever comes of it.
        guard let code = form["code"], let issued = state.withLock({ $0.codes.removeValue(forKey: code) }),
            issued.expiresAt > now, form["redirect_uri"] == issued.request.redirectURI
        else {
            throw DemoFault("invalid_grant", "the code is unknown, spent, expired or was given out for another address")
        }
        if let challenge = issued.request.challenge {
            guard let verifier = form["code_verifier"], challenge.accepts(verifier) else {
                throw DemoFault("invalid_grant", "code_verifier does not fit")
            }
        }
        return try issue(to: issued.user, nonce: issued.request.nonce, scope: issued.request.scope, form)
    }

    private func issue(
        to user: DemoUser, nonce: String?, scope: String, _ form: QueryString
    ) throws(DemoFault) -> [UInt8] {
        let now = clock.now
        guard let algorithm = JWSAlgorithm(rawValue: form["alg"] ?? "RS256"), algorithm == .rs256 || algorithm == .es256
        else { throw DemoFault("invalid_request", "alg must be RS256 or ES256") }
        let idToken: String
        do throws(CryptoError) {
            idToken = try token(for: user, algorithm, lifetime: Self.tokenLifetime, nonce: nonce)
        } catch { throw DemoFault("server_error", "the token could not be signed", status: .internalServerError) }
        let accessToken = RandomToken.base64URL(bytes: 32)
        state.withLock { state in
            if state.sessions.count >= Self.capacity { state.sessions.removeAll() }
            state.sessions[accessToken] = Session(user: user, expiresAt: now + Self.tokenLifetime)
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("access_token", accessToken)
        writer.member("token_type", "Bearer")
        writer.member("expires_in", Self.tokenLifetime.wholeSeconds)
        writer.member("scope", scope)
        writer.member("id_token", idToken)
        writer.endObject()
        return writer.bytes
    }

    /// Whom an access token belongs to.
    func user(accessToken: String) -> DemoUser? {
        let now = clock.now
        return state.withLock { $0.sessions[accessToken] }.flatMap { $0.expiresAt > now ? $0.user : nil }
    }
}
