import JSON

/// Becoming a client of an authorization server without anybody's help (RFC 7591).
struct AgentRegistration: Sendable {
    /// As registered, without a port: loopback servers get theirs from the kernel, so any port is allowed (RFC 8252 §7.3).
    static let redirectURI = "http://127.0.0.1/callback"

    let transport: any Transport

    /// A new client id.
    ///
    /// - Throws: ``AgentFault/denied(_:)`` when the server takes no registrations or not this one.
    func register(with server: AuthorizationServer) async throws(ClientError) -> String {
        guard let endpoint = server.registrationEndpoint else {
            throw .denied("\(server.issuer) takes no registrations: name a client with --client-id")
        }
        let metadata: JSONValue = [
            "client_name": "orgctl", "application_type": "native", "token_endpoint_auth_method": "none",
            "redirect_uris": [.string(Self.redirectURI)], "response_types": ["code"],
            "grant_types": ["authorization_code", "refresh_token"],
        ]
        var request = OutgoingRequest(
            method: "POST", url: endpoint,
            fields: [("Accept", "application/json"), ("Content-Type", "application/json")],
            body: metadata.serializedBytes())
        let answer = try await AgentExchange.send(&request, over: transport)
        let document = try? JSONParser.parse(answer.body, limits: JSONLimits(maxDepth: 16))
        guard answer.status == 201 || answer.status == 200 else {
            if answer.status == 429 || answer.status >= 500 {
                throw .agent(.busy("\(endpoint) answers with status \(answer.status)"))
            }
            throw .denied(
                "\(server.issuer) refused the registration: \(OAuthRefusal(document, answer.status).sentence)")
        }
        guard let id = document?["client_id"]?.stringValue, !id.isEmpty else {
            throw .untrusted("\(endpoint) gave no client_id")
        }
        let method = document?["token_endpoint_auth_method"]?.stringValue ?? "none"
        guard method == "none" else {
            throw .denied("\(server.issuer) insists that a program which cannot keep a secret has one (\(method))")
        }
        return id
    }
}

/// An error of OAuth (RFC 6749 §5.2): a code, and words that are the server's own.
struct OAuthRefusal: Equatable, Sendable {
    let code: String
    let description: String?

    init(code: String, description: String? = nil) {
        self.code = code
        self.description = description
    }

    init(_ document: JSONValue?, _ status: Int) {
        self.init(
            code: document?["error"]?.stringValue ?? "status \(status)",
            description: document?["error_description"]?.stringValue)
    }

    var sentence: String { description.map { "\(code): \($0.prefix(300))" } ?? code }
}
