import APIClient
import CommandLine
import JSON

/// `orgctl request`: any request, for what has no command of its own.
enum RequestCommands {
    static let command = Command.online(
        "request", summary: "Make any request of the API",
        discussion:
            "The path is that below /client/v4. {account} and {organization} in it stand for those of the command.",
        arguments: [
            Positional("method", help: "The method", rule: .oneOf(["GET", "POST", "PUT", "PATCH", "DELETE"])),
            Positional("path", help: "The path, with its query"),
        ],
        options: Body.options + [
            .value(
                "all", placeholder: "PAGING", help: "Follow pages and print every row",
                rule: .oneOf(["page", "page-token", "cursor", "offset"])),
            .value("if-match", placeholder: "ETAG", help: "Only if it still has this version"),
        ],
        examples: [.init("orgctl request GET '/accounts/{account}/access/apps?search=wiki' --account EMEA", "A search")]
    ) { session throws(ClientError) in
        var text = session.values.string("path")
        if text.contains("{account}"), case .account(let id) = try await session.account() {
            text = text.replacing("{account}", with: id)
        }
        if text.contains("{organization}") {
            text = text.replacing("{organization}", with: try await session.organizationID())
        }
        let parts = text.split(separator: "?", maxSplits: 1).map(String.init)
        let path = APIPath(written: parts.first ?? "/")
        let query = parts.count > 1 ? APIQuery(written: parts[1]) : APIQuery()
        let pagings: [String: Paging] = ["page": .page, "page-token": .pageToken, "cursor": .cursor, "offset": .offset]
        if let paging = session.values.stringIfGiven("all").flatMap({ pagings[$0] }) {
            session.terminal.print(
                JSONValue.array(try await session.client.all(path, query, paging: paging)).pretty() + "\n")
            return .ok
        }
        var body: JSONValue?
        if session.values.stringIfGiven("data") != nil || session.values.stringIfGiven("json") != nil {
            body = try await Body.read(session, [], in: .root, isNew: false)
        }
        let method = session.values.string("method")
        var fields: [(String, String)] = []
        if let etag = session.values.stringIfGiven("if-match") { fields.append(("If-Match", etag)) }
        if method == "POST" { fields.append(("Idempotency-Key", Client.freshKey())) }
        let answer = try await session.client.send(method, path, query, body, fields: fields)
        session.notes(of: answer)
        session.terminal.print(answer.result.pretty() + "\n")
        return .ok
    }
}
