import APIClient
import CommandLine
import JSON

/// A query parameter of a list.
struct Filter: Sendable {
    let flag: String
    let parameter: String
    let help: String
    let choices: [String]
    let isRepeatable: Bool

    init(_ flag: String, _ parameter: String? = nil, choices: [String] = [], repeats: Bool = false, help: String) {
        self.flag = flag
        self.parameter = parameter ?? flag.map { $0 == "-" ? "_" : String($0) }.joined()
        self.help = help
        self.choices = choices
        isRepeatable = repeats
    }

    var option: Option {
        .value(
            flag, placeholder: "TEXT", help: help, rule: choices.isEmpty ? .any : .oneOf(choices),
            repeats: isRepeatable ? .each : .never)
    }

    func add(to query: inout APIQuery, from values: ParsedValues) {
        for value in isRepeatable ? values.list(flag) : values.stringIfGiven(flag).map({ [$0] }) ?? [] {
            query.add(parameter, value)
        }
    }
}

/// A command group that follows from the description of its resource: list, show, create, update, delete.
struct ResourceGroup: Sendable {
    enum Operation: Sendable { case list, show, create, update, delete }
    enum Update: Sendable { case put, patch }

    let name: String
    let summary: String
    let kind: ResourceKind
    let scope: Scope
    var columns: [Column] = [.id, .name]
    var filters: [Filter] = []
    var fields: [Field] = []
    /// Members that only a creation takes.
    var creationFields: [Field] = []
    var operations: Set<Operation> = [.list, .show, .create, .update, .delete]
    var update = Update.put
    /// How a resource that was read is sent back by an update.
    var editable: @Sendable (_ present: JSONValue, _ changes: JSONValue) -> JSONValue = { present, _ in present }
    /// The server can say what a deletion would break.
    var previewsDeletion = false
    /// Printed after a creation, such as a warning that a secret is shown once.
    var afterCreation: (@Sendable (JSONValue) -> String?)?
    var discussion = ""
    var examples: [Command.Example] = []
    var more: [Command] = []
    /// How the group is reached, where that is not `orgctl` and its name.
    var invocation: String?

    /// The name of every positional that stands for a resource; never that of a flag.
    static let which = "name-or-id"

    func argument(_ help: String? = nil, arity: Positional.Arity = .one) -> Positional {
        Positional(
            Self.which, help: help ?? "The \(kind.title)", arity: arity,
            completion: operations.contains(.list) ? .command("orgctl \(invocation ?? name) list --names") : .none)
    }

    var command: Command { command(with: []) }

    /// The group with commands that are written by hand and may themselves use this description.
    func command(with others: [Command]) -> Command {
        var commands: [Command] = []
        if operations.contains(.list) { commands.append(listCommand) }
        if operations.contains(.show) { commands.append(showCommand) }
        if operations.contains(.create) { commands.append(createCommand) }
        if operations.contains(.update) { commands.append(updateCommand) }
        if operations.contains(.delete) { commands.append(deleteCommand) }
        return Command(
            name, summary: summary, discussion: discussion, examples: examples, subcommands: commands + more + others)
    }

    /// The resource that the first argument names.
    func chosen(_ session: Session, in place: Place) async throws(ClientError) -> APIPath {
        let text = session.values.string(Self.which)
        let id = try await session.client.identifier(of: kind, named: text, in: place)
        return kind.path(in: place).appending(id)
    }

    // MARK: Commands

    private var listCommand: Command {
        .online(
            "list", summary: "List \(kind.plural)",
            options: filters.map(\.option) + [
                .value("limit", placeholder: "N", help: "At most so many", rule: .integer(1...1_000_000)),
                .flag("names", help: "Print names only, one a line"),
            ]
        ) { session throws(ClientError) in
            var query = APIQuery()
            for filter in filters { filter.add(to: &query, from: session.values) }
            let place = try await session.place(scope)
            let rows = try await session.client.all(
                kind.path(in: place), query, paging: kind.paging, limit: session.values.intIfGiven("limit") ?? .max)
            if session.values.bool("names") {
                for row in rows { session.terminal.print(SafeText.oneLine(kind.names(of: row).first ?? "") + "\n") }
            } else {
                session.print(list: rows, columns, idKey: kind.idKey, empty: "No \(kind.plural).")
            }
            return .ok
        }
    }

    private var showCommand: Command {
        .online("show", summary: "Show one \(kind.title)", arguments: [argument()]) { session throws(ClientError) in
            let place = try await session.place(scope)
            session.print(
                try await session.client.get(try await chosen(session, in: place)).result, idKey: kind.idKey)
            return .ok
        }
    }

    private var createCommand: Command {
        .online(
            "create", summary: "Create \(kind.withArticle)",
            options: (fields + creationFields).map(\.option) + Body.options
        ) { session throws(ClientError) in
            let place = try await session.place(scope)
            let body = try await Body.read(session, fields + creationFields, in: place, isNew: true)
            let answer = try await session.client.post(kind.path(in: place), body)
            session.notes(of: answer)
            session.print(answer.result, idKey: kind.idKey)
            if let note = afterCreation?(answer.result) { session.note(note) }
            return .ok
        }
    }

    private var updateCommand: Command {
        .online(
            "update", summary: "Change \(kind.withArticle)",
            discussion: "What is not named stays as it is. With --replace the given body takes the place of the whole "
                + "\(kind.title), and what it leaves out returns to its default.",
            arguments: [argument()],
            options: fields.map(\.option) + Body.options + [.flag("replace", help: "Replace instead of change")]
        ) { session throws(ClientError) in
            let place = try await session.place(scope)
            let path = try await chosen(session, in: place)
            let changes = try await Body.read(session, fields, in: place, isNew: false)
            guard changes.objectValue?.isEmpty == false else {
                throw .misuse("nothing to change: give a flag or a body")
            }
            let answer = try await change(session, path, changes, replaces: session.values.bool("replace"))
            session.notes(of: answer)
            session.print(answer.result, idKey: kind.idKey)
            return .ok
        }
    }

    /// Reads, merges and writes back on the condition that nobody wrote in between.
    func change(
        _ session: Session, _ path: APIPath, _ changes: JSONValue, replaces: Bool = false
    ) async throws(ClientError) -> Answer {
        switch update {
        case .patch: return try await session.client.patch(path, changes)
        case .put where replaces: return try await session.client.put(path, changes)
        case .put:
            let present = try await session.client.get(path)
            return try await session.client.put(
                path, editable(present.result, changes).merged(with: changes), ifMatch: present.etag)
        }
    }

    private var deleteCommand: Command {
        .online(
            "delete", summary: "Delete \(kind.plural)",
            arguments: [argument("The \(kind.plural)", arity: .many(required: true))]
        ) { session throws(ClientError) in
            let place = try await session.place(scope)
            let texts = session.values.list(Self.which)
            let identifiers = try await session.client.identifiers(of: kind, named: texts, in: place)
            let paths = identifiers.map { kind.path(in: place).appending($0) }
            if previewsDeletion {
                for (path, text) in zip(paths, texts) {
                    let preview = try await session.client.delete(path, ["preview": "true"])
                    session.note(Preview(preview.result).text(of: "Deleting \"\(text)\""))
                }
            }
            let shown = texts.map { "\"\($0)\"" }.joined(separator: ", ")
            try session.confirm("Delete the \(texts.count == 1 ? kind.title : kind.plural) \(shown)?")
            for (path, text) in zip(paths, texts) {
                session.notes(of: try await session.client.delete(path))
                session.note("Deleted \"\(text)\".")
            }
            return .ok
        }
    }
}
