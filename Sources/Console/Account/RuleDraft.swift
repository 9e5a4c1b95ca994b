import Domain
import HTTP
import JSON
import Primitives

/// A rule in an editor: fields for what is simple, JSON for the rest, which so survives every edit.
struct RuleRow {
    enum Content {
        case fields(RuleSelector, [String: String])
        case json(String)
    }

    let content: Content

    static func new(_ selector: RuleSelector) -> RuleRow {
        guard selector.formFields != nil else {
            return RuleRow(content: .json("{\"\(selector.rawValue)\": {}}"))
        }
        return RuleRow(content: .fields(selector, [:]))
    }

    init(content: Content) { self.content = content }

    /// A stored rule. One that says more than the fields can is kept as it is.
    init(rule: JSONValue) {
        let values = rule.selector.flatMap { selector in Self.values(of: rule, selector).map { (selector, $0) } }
        content = values.map { .fields($0, $1) } ?? .json(rule.serialized())
    }

    /// The values of a rule by their fields; `nil` where fields cannot say all of it.
    private static func values(of rule: JSONValue, _ selector: RuleSelector) -> [String: String]? {
        guard let fields = selector.formFields, let members = rule[selector.rawValue]?.objectValue,
            rule.objectValue?.count == 1
        else { return nil }
        var values: [String: String] = [:]
        for (key, value) in members {
            guard fields.contains(where: { $0.member == key }), let text = value.stringValue else { return nil }
            values[key] = text
        }
        return values
    }

    /// - Parameter pointer: where the rule stands in the body.
    func rule(at pointer: String) throws(Refusal) -> JSONValue {
        switch content {
        case .fields(let selector, let values):
            var members = JSONObject()
            for field in selector.formFields ?? [] {
                let text = values[field.member] ?? ""
                if !text.isEmpty || !field.isOptional { members[field.member] = .string(text) }
            }
            var rule = JSONObject()
            rule[selector.rawValue] = .object(members)
            return .object(rule)
        case .json(let text):
            do throws(JSONError) {
                return try JSONParser.parse(text)
            } catch { throw Refusal(.accessInvalidRequest, "this is not JSON: \(error)", at: pointer + "/json") }
        }
    }
}

/// The rules of a policy or group while somebody works on them.
///
/// In a form, the row `n` of a list has a hidden field `include/n` with its selector, and fields named by the pointers of its
/// values: `include/n/email/email`. So what a decoder says about a value finds its field.
struct RuleDraft {
    private(set) var rows: [RuleReference.List: [RuleRow]] = [:]

    static let json = "json"

    init(document: JSONObject) {
        for list in RuleReference.List.allCases {
            rows[list] = (document[list.rawValue]?.arrayValue ?? []).map { RuleRow(rule: $0) }
        }
    }

    init(form: FormBody) {
        for list in RuleReference.List.allCases {
            var all: [RuleRow] = []
            while let kind = form.items["\(list.rawValue)/\(all.count)"], all.count < 1000 {
                let place = "\(list.rawValue)/\(all.count)"
                guard let selector = RuleSelector(rawValue: kind), let fields = selector.formFields else {
                    all.append(RuleRow(content: .json(form.items["\(place)/json"] ?? "")))
                    continue
                }
                var values: [String: String] = [:]
                for field in fields { values[field.member] = form.text("\(place)/\(kind)/\(field.member)") ?? "" }
                all.append(RuleRow(content: .fields(selector, values)))
            }
            rows[list] = all
        }
    }

    func rows(of list: RuleReference.List) -> [RuleRow] { rows[list] ?? [] }

    /// What the selects of all rows choose from.
    var kinds: Set<RuleTargetKind> {
        var kinds: Set<RuleTargetKind> = []
        for case .fields(let selector, _) in rows.values.joined().map(\.content) {
            for case .target(let kind) in (selector.formFields ?? []).map(\.input) { kinds.insert(kind) }
        }
        return kinds
    }

    /// Does what a button of the editor asks for: `add:include`, or `remove:include:2`.
    ///
    /// - Returns: the list and position of a row that is new.
    mutating func apply(_ step: String, _ form: FormBody) -> (list: RuleReference.List, position: Int)? {
        let parts = step.split(separator: ":").map { String($0) }
        guard parts.count >= 2, let list = RuleReference.List(rawValue: parts[1]) else { return nil }
        if parts[0] == "add", let selector = form.text("_add_\(list.rawValue)").flatMap({ RuleSelector(rawValue: $0) })
        {
            rows[list, default: []].append(.new(selector))
            return (list, rows(of: list).count - 1)
        }
        if parts[0] == "remove", parts.count == 3, let position = Int(parts[2]),
            rows(of: list).indices.contains(position)
        {
            rows[list]?.remove(at: position)
        }
        return nil
    }

    /// Puts the three lists into the body of a request.
    func put(into body: inout JSONObject) throws(Refusal) {
        for list in RuleReference.List.allCases {
            var rules: [JSONValue] = []
            for (position, row) in rows(of: list).enumerated() {
                rules.append(try row.rule(at: "/\(list.rawValue)/\(position)"))
            }
            body[list.rawValue] = .array(rules)
        }
    }
}
