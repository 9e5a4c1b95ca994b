import APIClient
import CommandLine
import JSON

/// A member of a resource that has a flag of its own.
struct Field: Sendable {
    enum Kind: Sendable {
        case text, integer, bool
        /// Repeatable texts.
        case list
        /// Another resource, by name or identifier.
        case reference(ResourceKind)
        case references(ResourceKind)
        /// Public destinations of an application.
        case destinations
        /// Policy rules in their short form.
        case rules
        /// Any JSON.
        case json
        /// A secret: the flag names a file, and without it somebody is asked.
        case secret
    }

    let flag: String
    let keys: [String]
    let kind: Kind
    let help: String
    let choices: [String]
    /// Without it a creation is refused at once, unless a body is given.
    let isRequired: Bool
    /// An element of a list of references is `{"id": …}` rather than a string.
    let wrapsIdentifiers: Bool

    /// - Parameter path: members separated by dots; by default the flag with underscores.
    init(
        _ flag: String, _ kind: Kind = .text, at path: String? = nil, choices: [String] = [], required: Bool = false,
        wrapped: Bool = false, help: String
    ) {
        self.flag = flag
        keys = (path ?? flag.map { $0 == "-" ? "_" : String($0) }.joined()).split(separator: ".").map(String.init)
        self.kind = kind
        self.help = help
        self.choices = choices
        isRequired = required
        wrapsIdentifiers = wrapped
    }

    static let name = Field("name", required: true, help: "Its name")

    var option: Option {
        let rule: ValueRule = choices.isEmpty ? .any : .oneOf(choices)
        switch kind {
        case .text: return .value(flag, placeholder: "TEXT", help: help, rule: rule)
        case .integer: return .value(flag, placeholder: "N", help: help, rule: .integer())
        case .bool: return .flag(flag, negatable: true, help: help)
        case .list, .destinations: return .value(flag, placeholder: "TEXT", help: help, rule: rule, repeats: .each)
        case .reference(let kind):
            return .value(flag, placeholder: "NAME|ID", help: help, completion: Self.completion(kind))
        case .references(let kind):
            return .value(
                flag, placeholder: "NAME|ID", help: help, repeats: .each, completion: Self.completion(kind))
        case .rules: return .value(flag, placeholder: "RULE", help: help, repeats: .each)
        case .json: return .value(flag, placeholder: "JSON", help: help)
        case .secret: return .value(flag + "-file", placeholder: "FILE", help: help, completion: .file)
        }
    }

    private static func completion(_ kind: ResourceKind) -> Completion {
        switch kind.title {
        case ResourceKind.identityProvider.title: .command("orgctl idp list --names")
        case ResourceKind.account.title: .command("orgctl account list --names")
        case ResourceKind.policy.title: .command("orgctl policy list --names")
        case ResourceKind.tag.title: .command("orgctl tag list --names")
        default: .none
        }
    }

    /// The value given on the command line; `nil` when the flag was not given. An empty text means "unset".
    func value(_ session: Session, in place: Place) async throws(ClientError) -> JSONValue? {
        let values = session.values
        func identifier(_ kind: ResourceKind, _ text: String) async throws(ClientError) -> String {
            try await session.client.identifier(of: kind, named: text, in: kind.title == "account" ? .root : place)
        }
        switch kind {
        case .text: return values.stringIfGiven(flag).map { $0.isEmpty ? .null : .string($0) }
        case .integer: return values.intIfGiven(flag).map { .integer($0) }
        case .bool: return values.boolIfGiven(flag).map { .bool($0) }
        case .list:
            let texts = values.list(flag)
            return texts.isEmpty ? nil : .array(texts.filter { !$0.isEmpty }.map(JSONValue.string))
        case .destinations:
            let texts = values.list(flag)
            return texts.isEmpty ? nil : .array(texts.map { ["type": "public", "uri": .string($0)] })
        case .reference(let kind):
            guard let text = values.stringIfGiven(flag) else { return nil }
            return text.isEmpty ? .null : .string(try await identifier(kind, text))
        case .references(let kind):
            let texts = values.list(flag)
            guard !texts.isEmpty else { return nil }
            var identifiers: [JSONValue] = []
            for text in texts where !text.isEmpty {
                let id = JSONValue.string(try await identifier(kind, text))
                identifiers.append(wrapsIdentifiers ? ["id": id] : id)
            }
            return .array(identifiers)
        case .rules:
            let texts = values.list(flag)
            guard !texts.isEmpty else { return nil }
            var rules: [JSONValue] = []
            for text in texts where !text.isEmpty {
                rules.append(try await RuleShorthand.rule(text, identifier: identifier))
            }
            return .array(rules)
        case .json:
            return try values.stringIfGiven(flag).map { text throws(ClientError) in
                try Body.json(text, from: "--\(flag)")
            }
        case .secret:
            return try values.stringIfGiven(flag + "-file").map { path throws(ClientError) in
                .string(try Body.secret(path))
            }
        }
    }
}

/// Request bodies from flags and files.
enum Body {
    static let options: [Option] = [
        .value("json", short: "d", placeholder: "JSON", help: "The body, or part of it; flags win over its members"),
        .value(
            "data", placeholder: "FILE", help: "The body from a file, or from standard input with -", completion: .file),
    ]

    /// The body of `--data` and `-d`, with the flags on top of it.
    ///
    /// - Parameter isNew: required members are asked for before the server is.
    static func read(
        _ session: Session, _ fields: [Field], in place: Place, isNew: Bool
    ) async throws(ClientError) -> JSONValue {
        var body: JSONValue = [:]
        var isGiven = false
        if let path = session.values.stringIfGiven("data") {
            body = try json(try Files.text(of: path), from: path)
            isGiven = true
        }
        if let text = session.values.stringIfGiven("json") {
            body = isGiven ? body.merged(with: try json(text, from: "-d")) : try json(text, from: "-d")
            isGiven = true
        }
        for field in fields {
            guard let value = try await field.value(session, in: place) else { continue }
            body = body.setting(field.keys, to: value)
        }
        if isNew, let missing = fields.first(where: { $0.isRequired && body.at($0.keys) == nil }) {
            throw .misuse("--\(missing.flag) is required")
        }
        return body
    }

    static func json(_ text: String, from source: String) throws(ClientError) -> JSONValue {
        do {
            return try JSONParser.parse(text, limits: JSONLimits(maxDepth: 64))
        } catch {
            throw .invalidInput("\(source) is not JSON: \(error.kind) at byte \(error.offset)")
        }
    }

    /// A secret from a file, without the line break at its end.
    static func secret(_ path: String) throws(ClientError) -> String {
        var text = try Files.text(of: path, limit: 64 * 1024)
        while text.last?.isNewline == true { text.removeLast() }
        guard !text.isEmpty else { throw .invalidInput("\(path) is empty") }
        return text
    }
}
