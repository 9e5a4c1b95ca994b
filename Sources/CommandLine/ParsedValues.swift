import Primitives

/// The values of one invocation, each already accepted by its rule, and the terminal to answer on.
///
/// Asking for a name that the command does not declare, or for the value of a setting that may be absent without the
/// `IfGiven` form, is a mistake in the program and traps at the first call, given or not.
package struct ParsedValues: Sendable {
    struct Entry: Sendable {
        var elements: [String]
        var source: ValueSource
    }

    /// The names from the root to the command that runs.
    package let path: [String]
    package let terminal: Terminal
    private let options: [Option]
    private let arguments: [Positional]
    private let entries: [String: Entry]

    init(path: CommandPath, terminal: Terminal, entries: [String: Entry]) {
        self.path = path.names
        self.terminal = terminal
        options = path.options
        arguments = path.command.arguments
        self.entries = entries
    }

    /// A text that always has a value: a required or defaulted option, or a required argument.
    package func string(_ name: String) -> String {
        precondition(alwaysHasValue(name), "\(name) may be absent: ask for stringIfGiven")
        return stringIfGiven(name) ?? ""
    }

    package func stringIfGiven(_ name: String) -> String? {
        requireDeclared(name)
        return entries[name]?.elements.first
    }

    /// A whole number whose option declares `.integer`.
    package func int(_ name: String) -> Int {
        precondition(alwaysHasValue(name), "\(name) may be absent: ask for intIfGiven")
        return intIfGiven(name) ?? 0
    }

    package func intIfGiven(_ name: String) -> Int? {
        stringIfGiven(name).map { text in
            guard let number = Int(text) else { preconditionFailure("\(name) lacks the rule .integer") }
            return number
        }
    }

    /// A duration whose option declares `.duration`.
    package func duration(_ name: String) -> Duration {
        precondition(alwaysHasValue(name), "\(name) may be absent: ask for durationIfGiven")
        return durationIfGiven(name) ?? .zero
    }

    package func durationIfGiven(_ name: String) -> Duration? {
        stringIfGiven(name).map { text in
            guard let parsed = DurationText(text) else { preconditionFailure("\(name) lacks the rule .duration") }
            return parsed.duration
        }
    }

    /// Whether a flag is on.
    package func bool(_ name: String) -> Bool {
        stringIfGiven(name).flatMap(ValueRule.truth) ?? false
    }

    /// Whether a flag was given at all, and how; for settings where absent is a third case.
    package func boolIfGiven(_ name: String) -> Bool? {
        source(of: name) == .defaultValue ? nil : stringIfGiven(name).flatMap(ValueRule.truth)
    }

    /// All elements of a repeatable option or argument, in the order given.
    package func list(_ name: String) -> [String] {
        requireDeclared(name)
        return entries[name]?.elements ?? []
    }

    /// Where the value came from; `nil` when there is none.
    package func source(of name: String) -> ValueSource? {
        requireDeclared(name)
        return entries[name]?.source
    }

    /// Reports misuse that only the command itself can see, such as two flags that exclude each other.
    package func misuse(_ message: String) -> ExitCode {
        terminal.complain(path.first ?? "", UsageError(message).message)
        return .usage
    }

    private func requireDeclared(_ name: String) {
        precondition(
            options.contains { $0.name == name } || arguments.contains { $0.name == name },
            "\(path.joined(separator: " ")) declares no \(name)")
    }

    private func alwaysHasValue(_ name: String) -> Bool {
        requireDeclared(name)
        if let option = options.first(where: { $0.name == name }) {
            return option.isRequired || option.defaultValue != nil
        }
        return arguments.contains { $0.name == name && ($0.arity == .one || $0.arity == .many(required: true)) }
    }
}
