import APIClient
import CommandLine
import JSON
import Primitives

/// `orgctl login`, `logout` and `whoami`.
enum LoginCommands {
    static let login = Command(
        "login", summary: "Store a token and a server in a profile",
        discussion: """
            The token is read from --token-file, ORGCTL_TOKEN or the keyboard, tried once, and stored in \
            ~/.config/orgctl/config.json, which only you can read. --account and --org become the profile's defaults.
            """,
        examples: [
            .init(
                "orgctl login --url http://localhost:8787 --token-file data/bootstrap-token", "The first administrator"),
            .init("orgctl login --profile staging --url https://orgd.staging.example.org", "Asks for the token"),
        ]
    ) { values in
        await Failures.reporting(values.terminal) { () async throws(ClientError) in try await logIn(values) }
    }

    private static func logIn(_ values: ParsedValues) async throws(ClientError) -> ExitCode {
        let environment = Program.processEnvironment()
        let store = ProfileStore(environment: environment)
        var profiles = try store.load()
        let name =
            values.stringIfGiven("profile") ?? (profiles.names.isEmpty ? Profiles.standardName : profiles.current)
        let url = values.stringIfGiven("url") ?? profiles[name]?.url ?? Session.standardURL
        var token = try Session.token(values, environment)
        if token == nil { token = values.terminal.readSecret("API token for \(url)").map { Secret($0) } }
        guard let token, !token.exposed().isEmpty else {
            throw .misuse("there is no token: use --token-file FILE, ORGCTL_TOKEN, or a terminal")
        }
        let client = Client(baseURL: url, token: token, transport: try Session.transport(to: url, values))
        let verified = try await client.get(APIPath("user", "tokens", "verify")).result
        var profile = Profile(url: client.baseURL, token: token)
        if let account = values.stringIfGiven("account") {
            profile.account = try await client.identifier(of: .account, named: account, in: .root)
        }
        if let organization = values.stringIfGiven("org") {
            profile.organization = try await client.identifier(of: .organization, named: organization, in: .root)
        }
        profiles[name] = profile
        profiles.current = name
        try store.save(profiles)
        let status = verified["status"]?.stringValue ?? "valid"
        values.terminal.printError(
            SafeText.oneLine("The token is \(status). Stored as profile \"\(name)\" in \(store.path).") + "\n")
        return .ok
    }

    static let logout = Command(
        "logout", summary: "Forget a profile and its token",
        discussion: "The token itself stays valid: orgctl token delete ends it."
    ) { values in
        await Failures.reporting(values.terminal) { () async throws(ClientError) in
            let store = ProfileStore(environment: Program.processEnvironment())
            var profiles = try store.load()
            let name = values.stringIfGiven("profile") ?? profiles.current
            guard profiles[name] != nil else { throw .misuse("there is no profile \"\(name)\"") }
            profiles[name] = nil
            if profiles.current == name { profiles.current = profiles.names.first ?? Profiles.standardName }
            try store.save(profiles)
            values.terminal.printError(SafeText.oneLine("Forgot profile \"\(name)\".") + "\n")
            return .ok
        }
    }

    static let whoami = Command.online(
        "whoami", summary: "Show who the token belongs to, and where it is a member"
    ) { session throws(ClientError) in
        let user = try await session.client.get(APIPath("user")).result
        if session.format == .json {
            let memberships = try await session.client.all(APIPath("memberships"), paging: .page)
            session.terminal.print((["user": user, "memberships": .array(memberships)] as JSONValue).pretty() + "\n")
            return .ok
        }
        session.print(user)
        let memberships = try await session.client.all(APIPath("memberships"), paging: .page)
        guard !memberships.isEmpty, !session.isQuiet else { return .ok }
        session.terminal.print("\n")
        session.print(
            list: memberships,
            [Column("ACCOUNT", "account.name"), Column("STATUS", "status"), Column("ROLES", "roles")])
        return .ok
    }
}
