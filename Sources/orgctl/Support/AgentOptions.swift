import APIClient
import CommandLine
import Crypto
import EventLoops
import HTTP
import Primitives

/// What the commands of an agent have in common: where tokens are kept, and how somebody is asked for access.
enum AgentOptions {
    static let all: [Option] = [
        .flag(
            "browser", negatable: true, default: true,
            help: "Open a browser for a sign-in: $BROWSER, else that of the desktop"),
        .flag("login", negatable: true, default: true, help: "Ask for a sign-in at all"),
        .value("client-id", placeholder: "URL", help: "Be this client instead of registering as one"),
        .value(
            "timeout", placeholder: "DURATION", default: "5m", help: "How long a sign-in may take", rule: .duration),
    ]

    /// An agent for a command that declares ``all``.
    static func agent(_ values: ParsedValues) throws(ClientError) -> Agent {
        var signIn: Agent.SignIn?
        if values.bool("login") {
            let opensBrowser = values.bool("browser")
            let terminal = values.terminal
            let isQuiet = values.bool("quiet")
            let environment = Program.processEnvironment()
            signIn = Agent.SignIn(
                client: values.stringIfGiven("client-id"),
                open: { address in
                    if opensBrowser, terminal.errorIsTerminal, Browser.open(address, environment) {
                        terminal.printError("Waiting for a sign-in in the browser. If none opened, visit:\n")
                    } else {
                        terminal.printError("To sign in, visit:\n")
                    }
                    terminal.printError("  \(SafeText.oneLine(address))\n")
                },
                note: { text in if !isQuiet { terminal.printError(SafeText.oneLine(text) + "\n") } })
            signIn?.patience = values.duration("timeout")
        }
        return try agent(values, signIn)
    }

    /// An agent that uses what is stored and asks nobody.
    static func silentAgent(_ values: ParsedValues) throws(ClientError) -> Agent { try agent(values, nil) }

    private static func agent(_ values: ParsedValues, _ signIn: Agent.SignIn?) throws(ClientError) -> Agent {
        let group: EventLoopGroup
        do throws(SystemError) {
            group = try EventLoopGroup(loops: 2, name: "http")
        } catch {
            throw .unwritable(path: "event loop", reason: "\(error)")
        }
        let trust =
            values.stringIfGiven("ca-file").map { TLSClientContext.Trust.systemAnd(authorityPath: $0) } ?? .system
        return Agent(
            transport: try HTTPTransport(trust: trust, group: group),
            store: AgentStore(folder: folder(Program.processEnvironment())), group: group, signIn: signIn)
    }

    /// `$XDG_DATA_HOME/orgctl/agent`, else that below `~/.local/share`.
    static func folder(_ environment: [String: String]) -> String {
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return data + "/orgctl/agent" }
        return (environment["HOME"] ?? ".") + "/.local/share/orgctl/agent"
    }

    /// The address of a command that takes one.
    static func address(_ values: ParsedValues) throws(ClientError) -> WebAddress {
        let text = values.string("address")
        guard let url = WebAddress(text.contains("://") ? text : "https://" + text), !url.hasUserInfo else {
            throw .misuse("\"\(text)\" is no http or https URL")
        }
        return url
    }
}
