import APIClient
import CommandLine
import JSON

/// `orgctl zero-trust`: the Zero Trust organization of an account.
enum ZeroTrustCommands {
    static let group = Command(
        "zero-trust", summary: "The Zero Trust organization of an account: its team name and defaults",
        examples: [
            .init(
                "orgctl zero-trust create --auth-domain emea.access.example.org --account EMEA", "Give it a team name")
        ],
        subcommands: [show, create, update, revokeUserCommand])

    private static let fields: [Field] = [
        Field("name", required: true, help: "Its name"),
        Field("auth-domain", required: true, help: "The team domain: team.access-domain"),
        Field("session-duration", help: "How long a login lasts, 15m to 730h"),
        Field("auto-redirect-to-identity", .bool, help: "Skip the choice when there is one identity provider"),
        Field("strict-service-token-auth", .bool, help: "Service tokens only where a policy asks for one"),
        Field("deny-unmatched-requests", .bool, help: "Deny hosts that belong to no application"),
        Field("user-seat-expiration-inactive-time", help: "When a seat is freed, at least 730h"),
        Field("is-ui-read-only", .bool, help: "The console may not change anything"),
        Field("ui-read-only-toggle-reason", help: "Why"),
        Field("header-text", at: "login_design.header_text", help: "Login page: text above"),
        Field("footer-text", at: "login_design.footer_text", help: "Login page: text below"),
        Field("background-color", at: "login_design.background_color", help: "Login page: #rrggbb"),
        Field("text-color", at: "login_design.text_color", help: "Login page: #rrggbb"),
        Field("logo-path", at: "login_design.logo_path", help: "Login page: URL of a logo"),
        Field(
            "forbidden-page", .reference(.customPage), at: "custom_pages.forbidden", help: "Page for denied requests"),
        Field(
            "identity-denied-page", .reference(.customPage), at: "custom_pages.identity_denied",
            help: "Page for denied identities"),
    ]

    private static func path(_ session: Session) async throws(ClientError) -> APIPath {
        try await session.account().path.appending("access", "organizations")
    }

    private static let show = Command.online("show", summary: "Show it") { session throws(ClientError) in
        session.print(try await session.client.get(try await path(session)).result, idKey: "auth_domain")
        return .ok
    }

    private static let create = Command.online(
        "create", summary: "Create it", options: fields.map(\.option) + Body.options
    ) { session throws(ClientError) in
        let place = try await session.account()
        let body = try await Body.read(session, fields, in: place, isNew: true)
        session.print(try await session.client.post(try await path(session), body).result, idKey: "auth_domain")
        return .ok
    }

    private static let update = Command.online(
        "update", summary: "Change it", options: fields.map(\.option) + Body.options
    ) { session throws(ClientError) in
        let place = try await session.account()
        let body = try await Body.read(session, fields, in: place, isNew: false)
        guard body.objectValue?.isEmpty == false else { throw .misuse("nothing to change: give a flag or a body") }
        session.print(try await session.client.patch(try await path(session), body).result, idKey: "auth_domain")
        return .ok
    }

    private static let revokeUserCommand = Command.online(
        "revoke-user", summary: "End all sessions of a person in the account",
        arguments: [Positional("email", help: "Whose")]
    ) { session throws(ClientError) in try await revokeUser(session) }

    /// Ends every session of the person whom the argument `email` names.
    static func revokeUser(_ session: Session) async throws(ClientError) -> ExitCode {
        let email = session.values.string("email")
        let path = try await path(session)
        try session.confirm("End every session of \(email)?")
        _ = try await session.client.post(path.appending("revoke_user"), ["email": .string(email)])
        session.note("Ended. They may come back in a minute, as far as policies let them.")
        return .ok
    }
}
