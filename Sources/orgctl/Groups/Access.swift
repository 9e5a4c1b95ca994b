import APIClient
import CommandLine
import Glibc
import HTTP
import JSON
import Primitives

/// `orgctl access`: the access that a person gave this program to protected applications.
enum AccessCommands {
    static let group = Command(
        "access", summary: "Your own access to protected applications, for scripts and agents",
        discussion: """
            Tokens are kept in $XDG_DATA_HOME/orgctl/agent, which only you can read, one for each resource. They act as \
            you and are named after this program in the log of the application's account.
            """,
        examples: [
            .init("orgctl access login https://wiki.example.org", "Sign in and store the token"),
            .init("orgctl access curl https://wiki.example.org/api -- -sS -d x=1", "curl, signed in"),
        ],
        subcommands: [login, token, curl, list, logout])

    private static let argument = Positional(
        "address", help: "The address of the application", completion: .command("orgctl access list --names"))

    private static func offline(
        _ values: ParsedValues, _ body: (ParsedValues) async throws(ClientError) -> ExitCode
    ) async -> ExitCode {
        await Failures.reporting(values.terminal) { () async throws(ClientError) in try await body(values) }
    }

    // MARK: login, logout

    private static let login = Command(
        "login", summary: "Sign in to an application in a browser and store the token", arguments: [argument],
        options: AgentOptions.all + [.flag("force", help: "Even if there is a token that works")]
    ) { values in
        await offline(values) { values throws(ClientError) in
            let url = try AgentOptions.address(values)
            let agent = try AgentOptions.agent(values)
            if !values.bool("force"), let grant = try await agent.grant(for: url) {
                values.terminal.printError(SafeText.oneLine("There is a token for \(grant.resource).") + "\n")
                return .ok
            }
            _ = try await agent.signIn(to: url, try await agent.challenge(of: url))
            return .ok
        }
    }

    private static let logout = Command(
        "logout", summary: "End this program's access to an application and forget the token", arguments: [argument]
    ) { values in
        await offline(values) { values throws(ClientError) in
            let url = try AgentOptions.address(values)
            let hadAccess = try await AgentOptions.silentAgent(values).signOut(of: url)
            values.terminal.printError(hadAccess ? "Ended and forgotten.\n" : "There was no token.\n")
            return .ok
        }
    }

    // MARK: token, curl

    private static func freshToken(_ values: ParsedValues) async throws(ClientError) -> (WebAddress, Secret<String>) {
        let url = try AgentOptions.address(values)
        guard let grant = try await AgentOptions.silentAgent(values).grant(for: url) else {
            throw .agent(.signInNeeded(url: url.origin + url.path))
        }
        return (url, grant.accessToken)
    }

    private static let token = Command(
        "token", summary: "Print an access token that is still good, for scripts",
        discussion: "Renews it when it is over. Asks nobody: without a token that can be renewed the status is 77.",
        arguments: [argument]
    ) { values in
        await offline(values) { values throws(ClientError) in
            values.terminal.print(try await freshToken(values).1.exposed() + "\n")
            return .ok
        }
    }

    private static let curl = Command(
        "curl", summary: "Run curl with the token of an application",
        discussion: """
            What follows -- goes to curl as it is. The token reaches curl over a pipe, so that no list of processes shows \
            it. curl does not carry it to another host when it follows a redirect, but does send it to every other address \
            among its arguments. The status is curl's.
            """,
        arguments: [
            argument, Positional("curl-argument", help: "For curl, after --", arity: .many(required: false)),
        ]
    ) { values in
        await offline(values) { values throws(ClientError) in
            let (url, token) = try await freshToken(values)
            return try Curl.run(url, token, values.list("curl-argument"))
        }
    }

    // MARK: list

    private static let list = Command(
        "list", summary: "List the applications that there are tokens for",
        options: [.flag("names", help: "Print addresses only, one a line")]
    ) { values in
        await offline(values) { values throws(ClientError) in
            let grants = try AgentStore(folder: AgentOptions.folder(Program.processEnvironment())).grants()
            if values.bool("names") {
                for grant in grants { values.terminal.print(SafeText.oneLine(grant.resource) + "\n") }
                return .ok
            }
            let rows = grants.map { grant -> JSONValue in
                [
                    "resource": .string(grant.resource), "issuer": .string(grant.issuer),
                    "client_id": .string(grant.client),
                    "expires_at": grant.expires.map { .string($0.rfc3339()) } ?? .null,
                    "renewable": .bool(grant.refreshToken != nil),
                ]
            }
            ListPrinter(values: values).print(
                list: rows,
                [
                    Column("RESOURCE", "resource"), Column("ISSUER", "issuer"), Column("CLIENT", "client_id"),
                    Column("EXPIRES", "expires_at", isElastic: false), Column("RENEWABLE", "renewable"),
                ], idKey: "resource", empty: "No tokens.")
            return .ok
        }
    }
}

/// curl with a header that no list of processes shows.
enum Curl {
    static func run(_ url: WebAddress, _ token: Secret<String>, _ arguments: [String]) throws(ClientError) -> ExitCode {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else {
            throw .unwritable(path: "pipe", reason: String(cString: strerror(errno)))
        }
        let text = Array("header = \"Authorization: Bearer \(token.exposed())\"\n".utf8)
        // Smaller than a pipe holds, so this does not wait for curl.
        let count = text.withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) }
        close(ends[1])
        guard count == text.count else { throw .unwritable(path: "pipe", reason: "too small") }
        // A pipe of its own, so that standard input stays free for a body.
        let words = ["-K", "/dev/fd/\(ends[0])"] + arguments + ["--", url.description]
        let process = Subprocess.start("curl", words, keeping: ends[0])
        close(ends[0])
        guard let process else { throw .unreadable(path: "curl", reason: "there is no such program") }
        return ExitCode(Subprocess.wait(for: process))
    }
}
