import APIClient
import CommandLine
import Crypto
import EventLoops
import JSON
import Primitives

/// One invocation: its values, its terminal, the server it talks to and the places it works in.
struct Session: Sendable {
    let values: ParsedValues
    let client: Client
    let transport: any Transport
    private let profile: Profile?

    var terminal: Terminal { values.terminal }
    var isQuiet: Bool { values.bool("quiet") }

    static let standardURL = "http://localhost:8787"

    /// Where to go and with which token: a flag, else the environment, else the profile.
    init(_ values: ParsedValues, environment: [String: String] = Program.processEnvironment()) throws(ClientError) {
        self.values = values
        let store = ProfileStore(environment: environment)
        let profiles = try store.load()
        let name = values.stringIfGiven("profile")
        profile = profiles[name ?? profiles.current]
        if let name, profile == nil {
            throw .misuse("there is no profile \"\(name)\": create it with orgctl login --profile \(name)")
        }
        if let warning = store.warning() { values.terminal.printError("orgctl: \(warning)\n") }
        let url = values.stringIfGiven("url") ?? profile?.url ?? Self.standardURL
        let token =
            try Self.token(values, environment)
            ?? profile.flatMap { profile in
                // A token of one server is not shown to another, and never without TLS if it was stored with it.
                ServerAddress(profile.url).mayShareToken(with: ServerAddress(url)) ? profile.token : nil
            }
        guard let token else {
            throw .misuse("there is no token for \(url): run orgctl login, or set ORGCTL_TOKEN")
        }
        transport = try Self.transport(to: url, values)
        client = Client(baseURL: url, token: token, transport: transport)
    }

    /// The token of `--token-file` or ORGCTL_TOKEN. Never a flag's value: other users can list those.
    static func token(_ values: ParsedValues, _ environment: [String: String]) throws(ClientError) -> Secret<String>? {
        if let path = values.stringIfGiven("token-file") {
            let text = try Files.text(of: path, limit: 64 * 1024).split(whereSeparator: \.isWhitespace)
            guard text.count == 1 else { throw .invalidInput("\(path) holds no single token") }
            return Secret(String(text[0]))
        }
        guard let text = environment["ORGCTL_TOKEN"], !text.isEmpty else { return nil }
        return Secret(text)
    }

    static func transport(to url: String, _ values: ParsedValues) throws(ClientError) -> any Transport {
        let group: EventLoopGroup
        do throws(SystemError) {
            group = try EventLoopGroup(loops: 2, name: "http")
        } catch {
            throw .unreachable(url: url, reason: "\(error)")
        }
        let trust =
            values.stringIfGiven("ca-file").map { TLSClientContext.Trust.systemAnd(authorityPath: $0) } ?? .system
        return try HTTPTransport(trust: trust, allowsPlainHTTP: values.bool("allow-plain-http"), group: group)
    }

    // MARK: Places

    /// The account of the command: `--account`, ORGCTL_ACCOUNT, the profile's, or the only one there is.
    func account() async throws(ClientError) -> Place {
        .account(
            try await chosen(.account, values.stringIfGiven("account") ?? usable(profile?.account), flag: "--account"))
    }

    func organization() async throws(ClientError) -> Place { .organization(try await organizationID()) }

    func organizationID() async throws(ClientError) -> String {
        try await chosen(
            .organization, values.stringIfGiven("org") ?? usable(profile?.organization), flag: "--org")
    }

    /// What a profile remembers belongs to its server.
    private func usable(_ remembered: String?) -> String? {
        guard let profile, ServerAddress(profile.url) == ServerAddress(client.baseURL) else { return nil }
        return remembered
    }

    private func chosen(_ kind: ResourceKind, _ text: String?, flag: String) async throws(ClientError) -> String {
        if let text { return try await client.identifier(of: kind, named: text, in: .root) }
        let rows = try await client.all(kind.path(in: .root), paging: kind.paging, limit: 2)
        if rows.count == 1, let id = rows[0]["id"]?.stringValue { return id }
        throw .misuse(
            rows.isEmpty
                ? "this token sees no \(kind.title)" : "this token sees several \(kind.plural): choose one with \(flag)"
        )
    }

    func place(_ scope: Scope) async throws(ClientError) -> Place {
        switch scope {
        case .root: .root
        case .account: try await account()
        case .organization: try await organization()
        case .user: .user
        }
    }

    // MARK: Questions

    /// - Throws: ``ClientError/declined`` unless the answer is yes.
    func confirm(_ question: String) throws(ClientError) {
        switch terminal.confirm(question, assumingYes: values.bool("yes")) {
        case .yes: return
        case .no, .impossible: throw .declined
        }
    }

    /// A line on standard error, for what is not the result.
    func note(_ text: String) {
        if !isQuiet { terminal.printError(text + "\n") }
    }
}

/// Where the resources of a group live.
enum Scope: Sendable { case root, account, organization, user }

extension Command {
    /// A leaf that talks to the server.
    static func online(
        _ name: String, summary: String, discussion: String = "", arguments: [Positional] = [], options: [Option] = [],
        examples: [Command.Example] = [],
        run body: @escaping @Sendable (Session) async throws(ClientError) -> ExitCode
    ) -> Command {
        Command(
            name, summary: summary, discussion: discussion, arguments: arguments, options: options, examples: examples
        ) { values in
            await Failures.reporting(values.terminal) { () async throws(ClientError) in
                try await body(try Session(values))
            }
        }
    }
}
