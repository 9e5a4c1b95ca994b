import APIClient
import CommandLine
import JSON

/// `orgctl bridge`: how accounts are connected to the primary identity provider.
enum BridgeCommands {
    static let group = Command(
        "bridge", summary: "Connections of accounts to the primary identity provider: coverage, drift, grants",
        examples: [
            .init("orgctl bridge status --org Acme", "Coverage and drift as a table"),
            .init("orgctl bridge status --org Acme --fix", "Show what can be put right, ask, do it"),
            .init("orgctl bridge connect --account EMEA", "Connect one account with one request"),
        ],
        subcommands: [BridgeStatusCommand.command, show, connect, disconnect, grants])

    private static let show = Command.online(
        "show", summary: "How one account is connected"
    ) { session throws(ClientError) in
        session.print(
            try await session.client.get(try await session.account().path.appending("access", "idp_bridge")).result,
            idKey: "connection_id")
        return .ok
    }

    private static let connect = Command.online(
        "connect", summary: "Connect one account to the governing primary",
        options: [.flag("only-login", help: "Make it the only login of every application of the account")]
    ) { session throws(ClientError) in
        let path = try await session.account().path.appending("access", "idp_bridge")
        let body: JSONValue = session.values.bool("only-login") ? ["set_as_only_login": true] : [:]
        let answer = try await session.client.post(path, body)
        session.notes(of: answer)
        session.print(answer.result, idKey: "connection_id")
        return .ok
    }

    private static let disconnect = Command.online(
        "disconnect", summary: "End the connection of one account"
    ) { session throws(ClientError) in
        let path = try await session.account().path.appending("access", "idp_bridge")
        let preview = try await session.client.delete(path, ["preview": "true"])
        session.note(Preview(preview.result).text(of: "Disconnecting"))
        try session.confirm("Disconnect the account?")
        session.notes(of: try await session.client.delete(path))
        session.note("Disconnected.")
        return .ok
    }

    // MARK: Grants

    private static let grants = Command(
        "grant", summary: "Federation grants: identity providers of an account that may be shared",
        subcommands: [listGrants, createGrant, deleteGrant])

    private static let listGrants = Command.online(
        "list", summary: "List grants"
    ) { session throws(ClientError) in
        let place = try await session.account()
        session.print(
            list: try await session.client.all(ResourceKind.grant.path(in: place), paging: .single),
            [.id, Column("IDP", "idp_id", isElastic: false)], empty: "No grants.")
        return .ok
    }

    private static let argument = Positional(
        ResourceGroup.which, help: "The identity provider, or the id of the grant",
        completion: .command("orgctl idp list --names"))

    private static let createGrant = Command.online(
        "create", summary: "Allow an identity provider to be shared", arguments: [argument]
    ) { session throws(ClientError) in
        let place = try await session.account()
        let idp = try await session.client.identifier(
            of: .identityProvider, named: session.values.string(ResourceGroup.which), in: place)
        session.print(
            try await session.client.post(ResourceKind.grant.path(in: place), ["idp_id": .string(idp)]).result)
        return .ok
    }

    private static let deleteGrant = Command.online(
        "delete", summary: "End a grant and all its connections", arguments: [argument]
    ) { session throws(ClientError) in
        let place = try await session.account()
        let text = session.values.string(ResourceGroup.which)
        let grants = try await session.client.all(ResourceKind.grant.path(in: place), paging: .single)
        var id = text
        if !grants.contains(where: { $0["id"]?.stringValue == text }) {
            let idp = try await session.client.identifier(of: .identityProvider, named: text, in: place)
            guard let grant = grants.first(where: { $0["idp_id"]?.stringValue == idp })?["id"]?.stringValue else {
                throw .unknownName(kind: "federation grant", name: text, near: [])
            }
            id = grant
        }
        let path = ResourceKind.grant.path(in: place).appending(id)
        let preview = try await session.client.delete(path, ["preview": "true"])
        session.note(Preview(preview.result).text(of: "Ending the grant of \"\(text)\""))
        try session.confirm("End the grant?")
        session.notes(of: try await session.client.delete(path))
        session.note("Ended.")
        return .ok
    }
}
