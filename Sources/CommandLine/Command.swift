/// One node of a command tree: either a group of subcommands or something to run.
package struct Command: Sendable {
    /// What a leaf does. The parsed values also carry the terminal to print to.
    package typealias Run = @Sendable (ParsedValues) async -> ExitCode

    package enum Action: Sendable {
        case subcommands([Command])
        case run(Run)
    }

    package struct Example: Sendable {
        package let command: String
        package let explanation: String

        package init(_ command: String, _ explanation: String) {
            self.command = command
            self.explanation = explanation
        }
    }

    package let name: String
    /// One line without a full stop, shown beside the name in the parent's help.
    package let summary: String
    /// Paragraphs separated by an empty line, shown in the command's own help.
    package let discussion: String
    package let arguments: [Positional]
    /// The options of this command and of everything below it.
    package let options: [Option]
    package let examples: [Example]
    package let action: Action

    /// A leaf.
    package init(
        _ name: String, summary: String, discussion: String = "", arguments: [Positional] = [], options: [Option] = [],
        examples: [Example] = [], run: @escaping Run
    ) {
        self.name = name
        self.summary = summary
        self.discussion = discussion
        self.arguments = arguments
        self.options = options
        self.examples = examples
        action = .run(run)
        precondition(
            arguments.dropLast().allSatisfy { $0.arity == .one },
            "only the last argument of \(name) may be optional or repeated")
    }

    /// A group. Its options are understood before and after the name of the subcommand.
    package init(
        _ name: String, summary: String, discussion: String = "", options: [Option] = [], examples: [Example] = [],
        subcommands: [Command]
    ) {
        self.name = name
        self.summary = summary
        self.discussion = discussion
        arguments = []
        self.options = options
        self.examples = examples
        action = .subcommands(subcommands)
    }

    /// The commands below a group; none below a leaf.
    package var subcommands: [Command] {
        switch action {
        case .subcommands(let commands): commands
        case .run: []
        }
    }

    package func subcommand(_ name: some StringProtocol) -> Command? {
        subcommands.first { $0.name == name }
    }
}

/// A command and the way to it: what help, parsing and completion need to know about one node.
struct CommandPath {
    /// From the root to the command, never empty.
    private(set) var commands: [Command]

    init(root: Command) { commands = [root] }

    var command: Command { commands[commands.count - 1] }
    var names: [String] { commands.map(\.name) }
    var text: String { names.joined(separator: " ") }
    var isRoot: Bool { commands.count == 1 }

    /// The options understood here: the command's own, then those of its ancestors.
    var options: [Option] { commands.reversed().flatMap(\.options) }
    var inheritedOptions: [Option] { commands.dropLast().reversed().flatMap(\.options) }

    func descending(to command: Command) -> CommandPath {
        var path = self
        path.commands.append(command)
        return path
    }

    /// This command and all below it, parents first.
    var all: [CommandPath] {
        [self] + command.subcommands.flatMap { descending(to: $0).all }
    }
}
