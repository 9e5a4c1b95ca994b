import Glibc

/// An executable: a command tree with a version. Adds `--help` at every level, `--version`, `help` and, above subcommands,
/// `completion`.
package struct Program: Sendable {
    package let root: Command
    package let version: String

    package init(_ root: Command, version: String) {
        self.version = version
        guard case .subcommands(let commands) = root.action else {
            self.root = root
            return
        }
        let tree = Command(
            root.name, summary: root.summary, discussion: root.discussion, options: root.options,
            examples: root.examples, subcommands: commands + [Self.completionCommand(of: root, commands)])
        self.root = tree
    }

    /// Runs the command that `arguments` (without the program's name) ask for.
    package func run(
        _ arguments: [String], environment: [String: String], terminal: Terminal
    ) async -> ExitCode {
        var parser = ArgumentParser(root: root, environment: environment, terminal: terminal)
        do throws(UsageError) {
            switch try parser.parse(arguments) {
            case .run(let run, let values):
                return await run(values)
            case .help(let path):
                terminal.print(HelpPage(path, width: terminal.helpWidth).text)
                return .ok
            case .incomplete(let path):
                terminal.printError(HelpPage(path, width: terminal.helpWidth).text)
                return .usage
            case .version:
                terminal.print("\(root.name) \(version)\n")
                return .ok
            }
        } catch {
            terminal.complain(root.name, error.message)
            return .usage
        }
    }

    /// Runs with the arguments, environment and terminal of this process.
    package func run() async -> ExitCode {
        let environment = Self.processEnvironment()
        return await run(
            Array(Swift.CommandLine.arguments.dropFirst()), environment: environment,
            terminal: .ofProcess(environment: environment))
    }

    /// The reference of all commands as one Markdown page.
    package var markdown: String { MarkdownPage(root: root).text }

    /// The completion script of a shell.
    package func completionScript(for shell: Shell) -> String { CompletionScript(root: root).text(for: shell) }

    /// The variables of this process. The only place where they are read.
    package static func processEnvironment() -> [String: String] {
        var variables: [String: String] = [:]
        var position = environ
        while let entry = position.pointee {
            let text = String(cString: entry)
            if let separator = text.firstIndex(of: "=") {
                variables[String(text[..<separator])] = String(text[text.index(after: separator)...])
            }
            position += 1
        }
        return variables
    }

    private static func completionCommand(of root: Command, _ commands: [Command]) -> Command {
        let shells = Shell.allCases.map(\.rawValue)
        func command(running run: @escaping Command.Run) -> Command {
            Command(
                "completion", summary: "Print the completion script of a shell",
                discussion: "Load it with `source <(\(root.name) completion bash)`, or store it where the shell looks "
                    + "for completions.",
                arguments: [Positional("shell", help: "The shell", rule: .oneOf(shells))], run: run)
        }
        // The script also completes `completion` itself, so the tree it is made from holds a stand-in that never runs.
        let tree = Command(
            root.name, summary: root.summary, options: root.options,
            subcommands: commands + [command { _ in .software }])
        return command { values in
            guard let shell = Shell(rawValue: values.string("shell")) else { return .usage }
            values.terminal.print(CompletionScript(root: tree).text(for: shell))
            return .ok
        }
    }
}

/// The shells that completion scripts exist for.
package enum Shell: String, CaseIterable, Sendable { case bash, zsh, fish }
