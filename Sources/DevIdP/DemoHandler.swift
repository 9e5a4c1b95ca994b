import Crypto
import HTTP
import HTTPServer
import JSON
import Primitives
import Synchronization

/// The endpoints of the provider, on one loop.
final class DemoHandler: RequestHandler {
    private let provider: DemoProvider

    init(provider: DemoProvider) { self.provider = provider }

    func bodyLimit(for head: Request) -> Int { 64 * 1024 }

    func handle(_ request: Request) -> Answer {
        do throws(DemoFault) {
            return .now(try respond(to: request))
        } catch { return .now(Self.failed(error)) }
    }

    private func respond(to request: Request) throws(DemoFault) -> Response {
        switch (request.method.known, request.path) {
        case (.get, "/.well-known/openid-configuration"): return cacheable(discovery())
        case (.get, "/keys"): return cacheable(try keys())
        case (.get, "/authorize"):
            guard let query = request.query else { throw DemoFault("invalid_request", "the query cannot be read") }
            return try authorize(query)
        case (.post, "/authorize"): return try authorize(try Self.form(request))
        case (.post, "/token"): return try token(request)
        case (.get, "/userinfo"), (.post, "/userinfo"): return try userInfo(request)
        case (.post, "/rotate"): return try rotate(request)
        case (.get, "/"): return SignInPage.welcome(provider)
        case (_, "/.well-known/openid-configuration"), (_, "/keys"), (_, "/authorize"), (_, "/token"), (_, "/userinfo"),
            (_, "/rotate"), (_, "/"):
            throw DemoFault("invalid_request", "this endpoint takes another method", status: .methodNotAllowed)
        default: throw DemoFault("not_found", "there is nothing here", status: .notFound)
        }
    }

    // MARK: Endpoints

    private func discovery() -> [UInt8] {
        let issuer = provider.issuer
        var writer = JSONWriter(reserving: 1024)
        writer.beginObject()
        writer.member("issuer", issuer)
        writer.member("authorization_endpoint", issuer + "/authorize")
        writer.member("token_endpoint", issuer + "/token")
        writer.member("userinfo_endpoint", issuer + "/userinfo")
        writer.member("jwks_uri", issuer + "/keys")
        writer.member("response_types_supported", ["code"])
        writer.member("grant_types_supported", ["authorization_code", "password"])
        writer.member("subject_types_supported", ["public"])
        writer.member("id_token_signing_alg_values_supported", ["RS256", "ES256"])
        writer.member("scopes_supported", ["openid", "email", "profile", "groups"])
        writer.member("token_endpoint_auth_methods_supported", ["client_secret_basic", "client_secret_post", "none"])
        writer.member("code_challenge_methods_supported", ["S256", "plain"])
        writer.member(
            "claims_supported",
            ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "email", "email_verified", "name", "groups"])
        writer.endObject()
        return writer.bytes
    }

    private func keys() throws(DemoFault) -> [UInt8] {
        let keys = provider.state.withLock { state in
            state.keyRequests += 1
            return state.keys
        }
        do throws(CryptoError) {
            return try keys.document()
        } catch { throw DemoFault("server_error", "the keys cannot be written", status: .internalServerError) }
    }

    /// Shows whom one can be, or with `user` signs that one in at once.
    private func authorize(_ query: QueryString) throws(DemoFault) -> Response {
        let request = try AuthorizationRequest(query, clientID: provider.clientID)
        let name = query["user"] ?? provider.everyone?.email
        guard let name else { return SignInPage.choice(of: provider.users, query) }
        guard let user = provider.user(named: name) else { throw DemoFault("access_denied", "there is no such user") }
        var response = Response(.found)
        response.fields.append(.location, provider.authorize(request, as: user))
        response.fields.append(.cacheControl, "no-store")
        return response
    }

    private func token(_ request: Request) throws(DemoFault) -> Response {
        var form = try Self.form(request)
        // Any secret will do; the id may come by either way (RFC 6749 §2.3.1).
        if form["client_id"] == nil, let id = Self.basicUser(request) { form.append("client_id", id) }
        var response = Response(.ok, json: try provider.redeem(form))
        response.fields.append(.cacheControl, "no-store")
        return response
    }

    private func userInfo(_ request: Request) throws(DemoFault) -> Response {
        guard let value = request.value(.authorization), value.lowercased().hasPrefix("bearer "),
            let user = provider.user(accessToken: String(value.dropFirst(7)))
        else { throw DemoFault("invalid_token", "the access token is unknown or expired", status: .unauthorized) }
        var claims: JSONObject = ["sub": .string(user.subject)]
        for (name, value) in user.claims { claims[name] = value }
        return Response(.ok, json: JSONValue.object(claims).serializedBytes())
    }

    private func rotate(_ request: Request) throws(DemoFault) -> Response {
        let isKeeping = request.query?["keep"] != "false"
        do throws(CryptoError) {
            try provider.rotateKeys(keepingOld: isKeeping)
        } catch { throw DemoFault("server_error", "no new keys could be made", status: .internalServerError) }
        return Response(.ok, json: try keys())
    }

    // MARK: Forms

    private static func form(_ request: Request) throws(DemoFault) -> QueryString {
        guard let type = request.value(.contentType).flatMap({ MediaType($0) }),
            type.essence == "application/x-www-form-urlencoded", let form = QueryString(request.body)
        else { throw DemoFault("invalid_request", "send a form") }
        return form
    }

    private static func basicUser(_ request: Request) -> String? {
        guard let value = request.value(.authorization), value.lowercased().hasPrefix("basic ") else { return nil }
        // base64 with padding, read as its URL-safe form without.
        let digits = value.utf8.dropFirst(6).filter { $0 != UInt8(ascii: "=") }.map { byte in
            byte == UInt8(ascii: "+") ? UInt8(ascii: "-") : byte == UInt8(ascii: "/") ? UInt8(ascii: "_") : byte
        }
        guard let bytes = Base64URL.decode(digits), let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
            return nil
        }
        return PercentEncoding.decode(bytes[..<colon], plusIsSpace: true)
    }

    // MARK: Answers

    private func cacheable(_ body: [UInt8]) -> Response {
        var response = Response(.ok, json: body)
        response.fields.append(.cacheControl, "public, max-age=600")
        return response
    }

    private static func failed(_ fault: DemoFault) -> Response {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("error", fault.error)
        writer.member("error_description", fault.description)
        writer.endObject()
        var response = Response(fault.status, json: writer.bytes)
        response.fields.append(.cacheControl, "no-store")
        if fault.status == .unauthorized { response.fields.append(.wwwAuthenticate, "Bearer error=\"\(fault.error)\"") }
        return response
    }
}
