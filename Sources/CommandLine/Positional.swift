/// An argument known by its place.
package struct Positional: Sendable {
    package enum Arity: Hashable, Sendable {
        case one, optional
        /// Any number, at least one when `required`.
        case many(required: Bool)
    }

    package let name: String
    package let help: String
    package let arity: Arity
    package let rule: ValueRule
    package let completion: Completion

    package init(
        _ name: String, help: String, arity: Arity = .one, rule: ValueRule = .any, completion: Completion = .none
    ) {
        self.name = name
        self.help = help
        self.arity = arity
        self.rule = rule
        self.completion = completion == .none && !rule.choices.isEmpty ? .values(rule.choices) : completion
    }

    /// How usage lines write it: `<file>`, `[<file>]`, `<file>...`.
    var usage: String {
        switch arity {
        case .one: "<\(name)>"
        case .optional: "[<\(name)>]"
        case .many(required: true): "<\(name)>..."
        case .many(required: false): "[<\(name)>...]"
        }
    }
}

/// What a shell may offer in the place of a value.
package enum Completion: Hashable, Sendable {
    case none
    case values([String])
    case file
    /// A command line whose output lines are the candidates, such as `orgctl accounts list --names`.
    case command(String)
}
