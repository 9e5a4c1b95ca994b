import APIClient
import CommandLine
import JSON

/// `orgctl profile`: the servers that this person uses.
enum ProfileCommands {
    static let group = Command(
        "profile", summary: "The servers and tokens stored here", subcommands: [list, use, set])

    private static func offline(
        _ values: ParsedValues, _ body: (ProfileStore) throws(ClientError) -> Void
    ) async -> ExitCode {
        await Failures.reporting(values.terminal) { () async throws(ClientError) in
            try body(ProfileStore(environment: Program.processEnvironment()))
            return .ok
        }
    }

    private static let argument = Positional(
        "profile-name", help: "The profile", completion: .command("orgctl profile list --names"))

    private static let list = Command(
        "list", summary: "List profiles, without tokens",
        options: [.flag("names", help: "Print names only, one a line")]
    ) { values in
        await offline(values) { store throws(ClientError) in
            let profiles = try store.load()
            var table = TextTable(["", "PROFILE", "URL", "ACCOUNT", "ORGANIZATION"].map { TextTable.Column($0) })
            for name in profiles.names {
                guard let profile = profiles[name] else { continue }
                if values.bool("names") { values.terminal.print(SafeText.oneLine(name) + "\n") }
                table.append([
                    name == profiles.current ? "*" : "", name, profile.url, profile.account ?? "",
                    profile.organization ?? "",
                ])
            }
            if !values.bool("names") { values.terminal.print(table.text(width: values.terminal.width)) }
        }
    }

    private static let use = Command("use", summary: "Choose the current profile", arguments: [argument]) { values in
        await offline(values) { store throws(ClientError) in
            var profiles = try store.load()
            let name = values.string("profile-name")
            guard profiles[name] != nil else { throw .misuse("there is no profile \"\(name)\"") }
            profiles.current = name
            try store.save(profiles)
        }
    }

    private static let set = Command.online(
        "set", summary: "Remember --account and --org in the profile"
    ) { session throws(ClientError) in
        let store = ProfileStore(environment: Program.processEnvironment())
        var profiles = try store.load()
        let name = session.values.stringIfGiven("profile") ?? profiles.current
        guard var profile = profiles[name] else { throw .misuse("there is no profile \"\(name)\"") }
        if session.values.source(of: "account") == .flag, case .account(let id) = try await session.account() {
            profile.account = id
        }
        if session.values.source(of: "org") == .flag { profile.organization = try await session.organizationID() }
        profiles[name] = profile
        try store.save(profiles)
        return .ok
    }
}
