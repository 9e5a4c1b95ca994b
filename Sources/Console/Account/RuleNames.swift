import Domain
import HTML
import JSON
import Primitives
import Store

/// The names of what rules point at, for an account. A constant number of statements: one for each kind that is needed.
struct RuleNames {
    private var lists: [RuleTargetKind: [(value: String, title: String)]] = [:]
    private var names: [RuleTargetKind: [String: String]] = [:]

    static let none = RuleNames()

    private init() {}

    init(of account: AccountID, _ reader: any Reading, kinds: Set<RuleTargetKind>) throws(Failure) {
        let all = PageRequest(page: 1, perPage: 1000)
        for kind in kinds {
            let list: [(value: String, title: String)]
            switch kind {
            case .group:
                list = try reader.groups(of: account, named: nil, matching: nil, all).items.map {
                    ($0.id.uuid, $0.name)
                }
            case .serviceToken:
                list = try reader.serviceTokens(of: account, named: nil, matching: nil, all).items.map {
                    ($0.id.uuid, $0.name)
                }
            case .application:
                list = try reader.applications(of: account, ApplicationFilter(), all).applications.items.map {
                    ($0.id.uuid, $0.name)
                }
            case .identityProvider:
                list =
                    try reader.identityProviders(of: account).map { ($0.id.uuid, $0.name) }
                    + reader.connections(of: account).map { ($0.id.uuid, $0.source.name) }
            }
            lists[kind] = list
            names[kind] = Dictionary(list.map { ($0.value, $0.title) }) { first, _ in first }
        }
    }

    /// - Parameter documents: of policies or groups, whose rules are to be named.
    init(of account: AccountID, _ reader: any Reading, naming documents: [JSONObject]) throws(Failure) {
        var kinds: Set<RuleTargetKind> = []
        for document in documents {
            for list in RuleReference.List.allCases {
                for rule in document[list.rawValue]?.arrayValue ?? [] {
                    if let kind = rule.selector?.target?.kind { kinds.insert(kind) }
                }
            }
        }
        try self.init(of: account, reader, kinds: kinds)
    }

    func choices(_ kind: RuleTargetKind) -> [(value: String, title: String)] { lists[kind] ?? [] }

    /// The name, or the id of what is not there any more.
    func name(_ kind: RuleTargetKind, _ id: String) -> String { names[kind]?[id] ?? id }

    /// One rule in words.
    func words(_ rule: JSONValue) -> String {
        guard let selector = rule.selector, let content = rule[selector.rawValue] else { return rule.serialized() }
        guard let fields = selector.formFields else { return "\(selector.title): \(content.serialized())" }
        let values = fields.compactMap { field -> String? in
            guard let value = content[field.member]?.stringValue else { return nil }
            if case .target(let kind) = field.input { return name(kind, value) }
            return value
        }
        return values.isEmpty ? selector.title : "\(selector.title): \(values.joined(separator: " · "))"
    }
}

extension JSONValue {
    /// What a rule looks at, where this version knows it.
    var selector: RuleSelector? {
        guard let key = objectValue?.keys.first else { return nil }
        return RuleSelector(rawValue: key)
    }
}

/// The rules of a policy or group in words.
struct RuleSummary {
    private let document: JSONObject
    private let names: RuleNames
    private let most: Int

    /// - Parameter most: how many rules of a list are told.
    init(_ document: JSONObject, _ names: RuleNames, atMost most: Int = .max) {
        self.document = document
        self.names = names
        self.most = most
    }

    var markup: Markup {
        element("ul", ["class": "summary-rules"]) {
            for list in RuleReference.List.inOrder {
                let rules = document[list.rawValue]?.arrayValue ?? []
                for (position, rule) in rules.prefix(most).enumerated() {
                    element("li") {
                        if position == 0 { element("b") { "\(list.title) " } }
                        names.words(rule)
                    }
                }
                if rules.count > most {
                    element("li", ["class": "muted"]) { "and \((rules.count - most).of("more rule"))" }
                }
            }
        }
    }
}
