import APIClient
import CommandLine
import JSON

/// `orgctl primary-idp`: the identity provider that an organization shares with all its accounts.
enum PrimaryIdPCommands {
    static let group = Command(
        "primary-idp", summary: "The identity provider that serves every account of an organization",
        examples: [
            .init(
                "orgctl primary-idp set --org Acme --account Identity --idp Okta",
                "Designate it and bridge every account"),
            .init("orgctl primary-idp update --org Acme --mode enforce", "Refuse all other logins"),
        ],
        subcommands: [show, set, update, clear])

    private static let settings: [Option] = [
        .value("mode", help: "report measures, enforce also refuses", rule: .oneOf(["report", "enforce"])),
        .value(
            "exempt", placeholder: "ACCOUNT", help: "An account that is left alone", repeats: .each,
            completion: .command("orgctl account list --names")),
        .value(
            "break-glass", placeholder: "EMAIL", help: "Who may still use other logins; at most five",
            repeats: .each),
        .flag("force", help: "Enforce although nobody signed in over it lately"),
    ]

    private static func path(_ session: Session) async throws(ClientError) -> APIPath {
        try await session.organization().path.appending("primary_idp")
    }

    private static func settings(_ session: Session) async throws(ClientError) -> JSONObject {
        var body: JSONObject = [:]
        if let mode = session.values.stringIfGiven("mode") { body["mode"] = .string(mode) }
        let exempt = session.values.list("exempt")
        if !exempt.isEmpty {
            body["exempt_account_ids"] = .array(
                try await session.client.identifiers(of: .account, named: exempt.filter { !$0.isEmpty }, in: .root)
                    .map(JSONValue.string))
        }
        let emails = session.values.list("break-glass")
        if !emails.isEmpty {
            body["break_glass_emails"] = .array(emails.filter { !$0.isEmpty }.map(JSONValue.string))
        }
        return body
    }

    private static let show = Command.online("show", summary: "Show the designation") { session throws(ClientError) in
        session.print(try await session.client.get(try await path(session)).result, idKey: "idp_id")
        return .ok
    }

    private static let set = Command.online(
        "set", summary: "Designate the primary and bridge every account",
        discussion: "The account is that of --account. What would change is shown before the question.",
        options: [
            .value(
                "idp", placeholder: "NAME|ID", help: "The identity provider", isRequired: true,
                completion: .command("orgctl idp list --names")),
            .flag("keep-previous", help: "Leave the previous primary shared as well"),
        ] + settings
    ) { session throws(ClientError) in
        let place = try await session.account()
        guard case .account(let account) = place else { throw .misuse("--account is required") }
        var body = try await settings(session)
        body["account_id"] = .string(account)
        body["idp_id"] = .string(
            try await session.client.identifier(
                of: .identityProvider, named: session.values.string("idp"), in: place))
        if session.values.bool("keep-previous") { body["keep_previous"] = true }
        let answer = try await confirmed(
            session, "Designating the primary", "Designate it?", "POST", try await path(session), .object(body))
        session.print(answer.result, idKey: "idp_id")
        return .ok
    }

    private static let update = Command.online(
        "update", summary: "Change mode, exemptions or break-glass addresses", options: settings
    ) { session throws(ClientError) in
        let body = try await settings(session)
        guard !body.isEmpty else { throw .misuse("nothing to change: give --mode, --exempt or --break-glass") }
        let answer = try await confirmed(
            session, "This change", "Change it?", "PATCH", try await path(session), .object(body))
        session.print(answer.result, idKey: "idp_id")
        return .ok
    }

    private static let clear = Command.online(
        "clear", summary: "End the designation",
        options: [.flag("delete-grant", help: "End the grant and all its connections too")]
    ) { session throws(ClientError) in
        let path = try await path(session)
        let query: APIQuery = session.values.bool("delete-grant") ? ["delete_grant": "true"] : APIQuery()
        let preview = try await session.client.delete(path, query.adding("preview", "true"))
        session.note(Preview(preview.result).text(of: "Ending the designation"))
        try session.confirm("End the designation?")
        session.notes(of: try await session.client.delete(path, query))
        session.note("Ended.")
        return .ok
    }

    private static func confirmed(
        _ session: Session, _ act: String, _ question: String, _ method: String, _ path: APIPath, _ body: JSONValue
    ) async throws(ClientError) -> Answer {
        let query: APIQuery = session.values.bool("force") ? ["force": "true"] : APIQuery()
        let preview = try await session.client.send(method, path, query.adding("preview", "true"), body)
        session.note(Preview(preview.result).text(of: act))
        try session.confirm(question)
        let answer =
            method == "POST"
            ? try await session.client.post(path, body, query: query)
            : try await session.client.patch(path, body, query: query)
        session.notes(of: answer)
        return answer
    }
}
