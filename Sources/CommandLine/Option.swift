/// One setting: a flag, perhaps an environment variable and a default. A flag wins over the variable, which wins over the
/// default; an empty variable counts as absent, because compose files and unit files cannot unset one.
package struct Option: Sendable {
    package enum Kind: Hashable, Sendable {
        /// `--name`, and `--no-name` when negatable.
        case flag(negatable: Bool)
        /// `--name VALUE`; the placeholder is shown in help.
        case value(placeholder: String)
    }

    package enum Repetition: Hashable, Sendable {
        /// Giving it twice is misuse.
        case never
        /// Each use adds one element; the variable and the default are comma-separated.
        case each
        /// Each use adds the elements of a comma-separated list.
        case commaSeparated
    }

    package let name: String
    package let short: Character?
    package let kind: Kind
    package let environment: String?
    package let defaultValue: String?
    /// What help shows as the default when it is not a constant, such as `number of cores`.
    package let defaultText: String?
    package let help: String
    package let rule: ValueRule
    package let repetition: Repetition
    package let isRequired: Bool
    /// Never shown: neither in errors nor as a default.
    package let isSecret: Bool
    package let completion: Completion

    package static func flag(
        _ name: String, short: Character? = nil, negatable: Bool = false, environment: String? = nil,
        default isOn: Bool = false, help: String
    ) -> Option {
        Option(
            name: name, short: short, kind: .flag(negatable: negatable), environment: environment,
            defaultValue: isOn ? "true" : "false", defaultText: nil, help: help, rule: .boolean, repetition: .never,
            isRequired: false, isSecret: false, completion: .none)
    }

    package static func value(
        _ name: String, short: Character? = nil, placeholder: String = "value", environment: String? = nil,
        default value: String? = nil, defaultText: String? = nil, help: String, rule: ValueRule = .any,
        repeats: Repetition = .never, isRequired: Bool = false, isSecret: Bool = false, completion: Completion = .none
    ) -> Option {
        Option(
            name: name, short: short, kind: .value(placeholder: placeholder), environment: environment,
            defaultValue: value, defaultText: defaultText, help: help, rule: rule, repetition: repeats,
            isRequired: isRequired, isSecret: isSecret,
            completion: completion == .none && !rule.choices.isEmpty ? .values(rule.choices) : completion)
    }

    package var isFlag: Bool {
        switch kind {
        case .flag: true
        case .value: false
        }
    }

    package var isNegatable: Bool { kind == .flag(negatable: true) }

    /// `--name`.
    package var flag: String { "--" + name }

    /// All spellings a user may type, the long one first.
    var spellings: [String] {
        [flag] + (isNegatable ? ["--no-" + name] : []) + (short.map { ["-" + String($0)] } ?? [])
    }

    /// The elements of a value of this option, which is one element unless the option is a list.
    func elements(of text: String, from source: ValueSource) -> [String] {
        let splits: Bool
        switch repetition {
        case .never: splits = false
        case .each: splits = source != .flag
        case .commaSeparated: splits = true
        }
        guard splits else { return [text] }
        return text.split(separator: ",").map { $0.trimmingSpaces() }.filter { !$0.isEmpty }
    }
}

/// Where a value came from.
package enum ValueSource: Hashable, Sendable { case flag, environment, defaultValue }

extension Substring {
    func trimmingSpaces() -> String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
