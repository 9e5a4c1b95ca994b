/// Completion scripts made from the command tree. Bash and zsh walk the words before the cursor down the tree; fish is
/// given the same walk as a condition.
///
/// Candidates may be names chosen by other people, so no script ever lets the shell expand one.
struct CompletionScript {
    let root: Command

    func text(for shell: Shell) -> String {
        switch shell {
        case .bash: bash
        case .zsh: zsh
        case .fish: fish
        }
    }

    /// All commands, parents first.
    var paths: [CommandPath] { CommandPath(root: root).all }

    /// The name as part of a shell function's name.
    var function: String {
        "_" + root.name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "_" }.joined()
    }

    /// A place where a value is expected: a shell pattern over `path|option` or `path|position`, and what fits there.
    struct Place {
        let patterns: [String]
        let completion: Completion
    }

    var places: [Place] {
        paths.flatMap { path in
            let ofOptions = path.command.options.filter { !$0.isFlag }.map { option in
                Place(
                    patterns: option.spellings.flatMap { spelling in
                        [
                            Self.quoted("\(path.text)|\(spelling)"),
                            Self.quoted(path.text + " ") + "*" + Self.quoted("|" + spelling),
                        ]
                    },
                    completion: option.completion)
            }
            let ofArguments = path.command.arguments.enumerated().map { index, argument in
                switch argument.arity {
                case .one, .optional:
                    Place(patterns: [Self.quoted("\(path.text)|\(index + 1)")], completion: argument.completion)
                case .many:
                    Place(patterns: [Self.quoted("\(path.text)|") + "[0-9]*"], completion: argument.completion)
                }
            }
            return (ofOptions + ofArguments).filter { $0.completion != .none }
        }
    }

    static func valued(_ path: CommandPath) -> [String] {
        path.options.filter { !$0.isFlag }.flatMap(\.spellings)
    }

    static func optionsWithHelp(_ path: CommandPath) -> [(spelling: String, help: String)] {
        path.options.flatMap { option in option.spellings.map { ($0, option.help) } }
            + [("--help", "Show this help")] + (path.isRoot ? [("--version", "Show the version")] : [])
    }

    /// A word for bash and zsh that stands for itself.
    static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    static func quotedList(_ texts: [String]) -> String { texts.map(quoted).joined(separator: " ") }
}
