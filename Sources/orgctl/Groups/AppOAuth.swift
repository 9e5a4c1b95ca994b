import APIClient
import CommandLine
import JSON

/// `orgctl app oauth`: whether agents may act for people in an application.
enum AppOAuthCommands {
    static let group = Command(
        "oauth", summary: "Managed OAuth: let agents act for people who consent",
        examples: [
            .init("orgctl app oauth enable wiki --account EMEA", "Agents on people's own machines may ask"),
            .init(
                "orgctl app oauth enable wiki --redirect-uri 'https://agents.example.com/*' --account EMEA",
                "And one on the web"),
        ],
        subcommands: [enable, disable])

    private static let argument = Positional(
        ResourceGroup.which, help: "The application", completion: .command("orgctl app list --names"))

    private static let enable = Command.online(
        "enable", summary: "Let agents ask people for access",
        discussion: """
            Shows what changes and makes the change after a yes. Only what is named changes; a configuration that was \
            switched off before comes back as it was.
            """,
        arguments: [argument],
        options: [
            .flag("registration", negatable: true, help: "Agents may register themselves"),
            .flag("localhost", negatable: true, help: "Any redirect URI on localhost"),
            .flag("loopback", negatable: true, help: "Any redirect URI on 127.0.0.1 and [::1]"),
            .value(
                "redirect-uri", placeholder: "URI",
                help: "Another redirect URI, in place of those there are; /* at the "
                    + "end allows any path", repeats: .each),
            .value("access-token-lifetime", placeholder: "DURATION", help: "As 15m", rule: .duration),
            .value(
                "session-duration", placeholder: "DURATION", help: "How long a consent lasts, as 720h", rule: .duration),
        ]
    ) { session throws(ClientError) in
        let values = session.values
        var changes: JSONValue = ["enabled": true]
        let flags = [
            ("registration", "enabled"), ("localhost", "allow_any_on_localhost"), ("loopback", "allow_any_on_loopback"),
        ]
        for (flag, member) in flags {
            guard let isOn = values.boolIfGiven(flag) else { continue }
            changes = changes.setting(["dynamic_client_registration", member], to: .bool(isOn))
        }
        let uris = values.list("redirect-uri").filter { !$0.isEmpty }
        if !values.list("redirect-uri").isEmpty {
            changes = changes.setting(
                ["dynamic_client_registration", "allowed_uris"], to: .array(uris.map(JSONValue.string)))
        }
        for (flag, member) in [
            ("access-token-lifetime", "access_token_lifetime"), ("session-duration", "session_duration"),
        ] {
            guard let text = values.stringIfGiven(flag) else { continue }
            changes = changes.setting(["grant", member], to: .string(text))
        }
        return try await change(session, changes)
    }

    private static let disable = Command.online(
        "disable", summary: "End all access of agents to an application, and let none ask", arguments: [argument]
    ) { session throws(ClientError) in
        let app = try await AppCommands.resource.chosen(session, in: try await session.account())
        let clients = try await AgentCommands.clients(of: app, session)
        let grants = clients.reduce(0) { $0 + Int(clamping: $1["grants"]?.integerValue ?? 0) }
        session.note("This ends the access of \(clients.count) agents with \(grants) grants.")
        return try await change(session, ["enabled": false])
    }

    /// Shows each member that changes, asks, and writes the application back on the condition that nobody else did.
    private static func change(_ session: Session, _ changes: JSONValue) async throws(ClientError) -> ExitCode {
        let path = try await AppCommands.resource.chosen(session, in: try await session.account())
        let present = try await session.client.get(path)
        let before = present.result["oauth_configuration"] ?? .null
        let after = (before.objectValue == nil ? [:] : before).merged(with: changes)
        let lines = differences(before, after, [])
        guard !lines.isEmpty else {
            session.note("Nothing changes.")
            return .ok
        }
        for line in lines { session.note(SafeText.oneLine(line)) }
        try session.confirm("Change \"\(present.result["name"]?.stringValue ?? "")\"?")
        let body = EditableForm.app(present.result).setting(["oauth_configuration"], to: after)
        let answer = try await session.client.put(path, body, ifMatch: present.etag)
        session.notes(of: answer)
        session.print(answer.result["oauth_configuration"] ?? .null)
        return .ok
    }

    /// Such as `grant.session_duration: 24h → 720h`.
    private static func differences(_ before: JSONValue?, _ after: JSONValue?, _ path: [String]) -> [String] {
        if let object = after?.objectValue {
            return object.keys.flatMap { differences(before?[$0], after?[$0], path + [$0]) }
        }
        guard before != after else { return [] }
        return [
            "\(path.joined(separator: ".")): \(before?.serialized() ?? "unset") → \(after?.serialized() ?? "unset")"
        ]
    }
}
