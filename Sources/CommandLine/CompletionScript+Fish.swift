extension CompletionScript {
    var fish: String {
        """
        # fish completion of \(root.name)

        # The commands named before the cursor, from the root down.
        function _\(function)_node
            set -l words (commandline -opc)
            set -e words[1]
            set -l node \(Self.fishQuoted(root.name))
            set -l skip 0
            for word in $words
                if test $skip -eq 1
                    set skip 0
                    continue
                end
                switch "$node|$word"
        \(fishDescents)\(fishValued)        end
            end
            echo $node
        end

        function _\(function)_at
            test (_\(function)_node) = "$argv[1]"
        end

        function _\(function)_below
            set -l node (_\(function)_node)
            test "$node" = "$argv[1]"; or string match -q -- "$argv[1] *" "$node"
        end

        complete -c \(root.name) -f
        complete -c \(root.name) -s h -l help -d 'Show this help'
        complete -c \(root.name) -n '_\(function)_at \(root.name)' -l version -d 'Show the version'
        \(paths.map(fishLines).joined())
        """
    }

    private var fishDescents: String {
        paths.flatMap { path in
            path.command.subcommands.map { command in
                let entry = Self.fishQuoted("\(path.text)|\(command.name)")
                return
                    "            case \(entry)\n                set node \(Self.fishQuoted("\(path.text) \(command.name)"))\n"
            }
        }.joined()
    }

    private var fishValued: String {
        let patterns = paths.flatMap { path in
            path.command.options.filter { !$0.isFlag }.flatMap(\.spellings).flatMap { spelling in
                [Self.fishQuoted("\(path.text)|\(spelling)"), Self.fishQuoted("\(path.text) *|\(spelling)")]
            }
        }
        return patterns.isEmpty
            ? "" : "            case \(patterns.joined(separator: " "))\n                set skip 1\n"
    }

    private func fishLines(_ path: CommandPath) -> String {
        let start = "complete -c \(root.name)"
        let here = Self.fishQuoted("_\(function)_at " + Self.fishQuoted(path.text))
        let below = Self.fishQuoted("_\(function)_below " + Self.fishQuoted(path.text))
        var lines: [String] = path.command.subcommands.map { command in
            "\(start) -n \(here) -a \(Self.fishQuoted(command.name)) -d \(Self.fishQuoted(command.summary))"
        }
        for option in path.command.options {
            var line = "\(start) -n \(below) -l \(Self.fishQuoted(option.name))"
            if let short = option.short { line += " -s \(short)" }
            if !option.isFlag { line += Self.fishCandidates(option.completion, isOption: true) }
            lines.append(line + " -d \(Self.fishQuoted(option.help))")
            if option.isNegatable {
                lines.append(
                    "\(start) -n \(below) -l \(Self.fishQuoted("no-" + option.name)) -d \(Self.fishQuoted(option.help))"
                )
            }
        }
        for argument in path.command.arguments where argument.completion != .none {
            lines.append("\(start) -n \(here)" + Self.fishCandidates(argument.completion, isOption: false))
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func fishCandidates(_ completion: Completion, isOption: Bool) -> String {
        let exclusive = isOption ? " -x" : ""
        switch completion {
        case .none: return exclusive
        case .values(let values): return "\(exclusive) -a \(fishQuoted(values.joined(separator: " ")))"
        case .file: return isOption ? " -r -F" : " -F"
        case .command(let command): return "\(exclusive) -a \(fishQuoted("(\(command) 2>/dev/null)"))"
        }
    }

    private static func fishQuoted(_ text: String) -> String {
        var quoted = "'"
        for character in text {
            if character == "'" || character == "\\" { quoted.append("\\") }
            quoted.append(character)
        }
        return quoted + "'"
    }
}
