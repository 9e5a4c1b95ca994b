import APIClient
import CommandLine
import JSON

/// `orgctl validate`: ask the server about tokens of an identity provider or of an application.
enum ValidateCommands {
    static let command = Command.online(
        "validate", summary: "Validate ID tokens against an account's identity providers",
        discussion: """
            Tokens come from the arguments' files, one token a line, or from standard input. The status is 1 when one of \
            them is not valid. With --dev-idp a token is first asked of `orgd dev-idp`.
            """,
        arguments: [
            Positional(
                "file", help: "Files with tokens, or - for standard input", arity: .many(required: false),
                completion: .file)
        ],
        options: [
            .value(
                "idp", placeholder: "NAME|ID", help: "Only this provider may be the issuer",
                completion: .command("orgctl idp list --names")),
            .value("audience", placeholder: "TEXT", help: "An accepted audience", repeats: .each),
            .value("nonce", placeholder: "TEXT", help: "The nonce it must hold"),
            .value("max-age", placeholder: "SECONDS", help: "Since the person signed in", rule: .integer(0...Int.max)),
            .value("dev-idp", placeholder: "URL", help: "Take a token from this dev IdP"),
            .value("username", placeholder: "NAME", default: "alice", help: "With --dev-idp: who signs in"),
            .value("password", placeholder: "TEXT", default: "password", help: "With --dev-idp: the demo password"),
            .value("client-id", placeholder: "ID", default: "orgd", help: "With --dev-idp: the client"),
            .flag("show-token", help: "With --dev-idp: print the token too"),
        ],
        examples: [
            .init("orgctl validate token.txt --account EMEA", "One token, or several"),
            .init("orgctl validate --dev-idp http://127.0.0.1:8788 --account EMEA", "Get one and validate it"),
        ]
    ) { session throws(ClientError) in
        try await run(session)
    }

    private static func run(_ session: Session) async throws(ClientError) -> ExitCode {
        let place = try await session.account()
        let tokens = try await tokens(session)
        guard !tokens.isEmpty else { throw .invalidInput("there is no token to validate") }
        var shared: JSONObject = [:]
        if let idp = session.values.stringIfGiven("idp") {
            shared["idp_id"] = .string(
                try await session.client.identifier(of: .identityProvider, named: idp, in: place))
        }
        let audiences = session.values.list("audience")
        if audiences.count == 1 { shared["audience"] = .string(audiences[0]) }
        if audiences.count > 1 { shared["audience"] = .array(audiences.map(JSONValue.string)) }
        if let nonce = session.values.stringIfGiven("nonce") { shared["nonce"] = .string(nonce) }
        if let age = session.values.intIfGiven("max-age") { shared["max_age"] = .integer(age) }
        let path = place.path.appending("access", "tokens", "validate")
        var results: [JSONValue] = []
        for start in stride(from: 0, to: tokens.count, by: 100) {
            var body = shared
            body["tokens"] = .array(tokens[start..<min(start + 100, tokens.count)].map(JSONValue.string))
            results += try await session.client.post(path, .object(body)).result.arrayValue ?? []
        }
        if results.count == 1 {
            session.print(results[0], idKey: "subject")
        } else {
            session.print(
                list: results,
                [
                    Column("ACTIVE", "active"), Column("REASON", "reason"), Column("EMAIL", "email"),
                    Column("SUBJECT", "subject"), Column("ISSUER", "issuer"), Column("EXPIRES", "expires_at"),
                ], idKey: "subject")
        }
        return results.allSatisfy { $0["active"]?.boolValue == true } ? .ok : .failure
    }

    private static func tokens(_ session: Session) async throws(ClientError) -> [String] {
        if let url = session.values.stringIfGiven("dev-idp") { return [try await demoToken(from: url, session)] }
        let files = session.values.list("file")
        var tokens: [String] = []
        for file in files.isEmpty ? ["-"] : files {
            tokens += try Files.text(of: file).split(whereSeparator: \.isWhitespace).map(String.init)
        }
        return tokens
    }

    /// An ID token of the dev IdP, by the password grant that only it offers.
    private static func demoToken(from url: String, _ session: Session) async throws(ClientError) -> String {
        let document = try await Discovery.document(of: url, session)
        guard let endpoint = document["token_endpoint"]?.stringValue else {
            throw .invalidInput("\(url) names no token endpoint")
        }
        let answer = try await Discovery.fetch(
            "POST", endpoint,
            form: [
                ("grant_type", "password"), ("username", session.values.string("username")),
                ("password", session.values.string("password")), ("client_id", session.values.string("client-id")),
                ("scope", "openid email profile"),
            ], session)
        guard answer.status == 200, let result = try? JSONParser.parse(answer.body),
            let token = result["id_token"]?.stringValue
        else { throw .invalidInput("\(endpoint) gave no token (status \(answer.status))") }
        if session.values.bool("show-token") { session.terminal.print(token + "\n") }
        return token
    }
}
