import APIClient
import CommandLine
import JSON

/// `orgctl app policy`: the policies that belong to one application.
enum AppPolicyCommands {
    static let group = Command(
        "policy", summary: "Policies that belong to one application alone",
        discussion: "Reusable ones are changed with orgctl policy and attached with orgctl app update --policy.",
        subcommands: [list, create, update, delete])

    private static let app = Positional(
        "application", help: "The application", completion: .command("orgctl app list --names"))
    private static let argument = Positional(ResourceGroup.which, help: "The policy")

    private static func collection(
        _ session: Session
    ) async throws(ClientError) -> (path: APIPath, place: Place) {
        let place = try await session.account()
        let id = try await session.client.identifier(of: .app, named: session.values.string("application"), in: place)
        return (ResourceKind.app.path(in: place).appending(id, "policies"), place)
    }

    private static func chosen(_ session: Session) async throws(ClientError) -> (path: APIPath, place: Place) {
        let (path, place) = try await collection(session)
        let text = session.values.string(ResourceGroup.which)
        if ResourceKind.policy.isIdentifier(text) { return (path.appending(text), place) }
        let rows = try await session.client.all(path, paging: .page)
        return (path.appending(try Client.select(.policy, named: text, among: rows)), place)
    }

    private static let list = Command.online(
        "list", summary: "List them, the first judged first", arguments: [app]
    ) { session throws(ClientError) in
        session.print(
            list: try await session.client.all(try await collection(session).path, paging: .page),
            [
                .id, .name, Column("DECISION", "decision"), Column("PRECEDENCE", "precedence", isNumber: true),
                Column("REUSABLE", "reusable"),
            ], empty: "No policies.")
        return .ok
    }

    private static let fields =
        PolicyCommands.fields + [
            Field("precedence", .integer, help: "Its place among the others")
        ]

    private static let create = Command.online(
        "create", summary: "Add one", arguments: [app], options: fields.map(\.option) + Body.options
    ) { session throws(ClientError) in
        let (path, place) = try await collection(session)
        let body = try await Body.read(session, fields, in: place, isNew: true)
        session.print(try await session.client.post(path, body).result)
        return .ok
    }

    private static let update = Command.online(
        "update", summary: "Change one", arguments: [app, argument], options: fields.map(\.option) + Body.options
    ) { session throws(ClientError) in
        let (path, place) = try await chosen(session)
        let changes = try await Body.read(session, fields, in: place, isNew: false)
        guard changes.objectValue?.isEmpty == false else { throw .misuse("nothing to change: give a flag or a body") }
        let present = try await session.client.get(path)
        session.print(
            try await session.client.put(path, present.result.merged(with: changes), ifMatch: present.etag).result)
        return .ok
    }

    private static let delete = Command.online(
        "delete", summary: "Remove one", arguments: [app, argument]
    ) { session throws(ClientError) in
        let path = try await chosen(session).path
        try session.confirm("Remove the policy \"\(session.values.string(ResourceGroup.which))\"?")
        _ = try await session.client.delete(path)
        session.note("Removed.")
        return .ok
    }
}
