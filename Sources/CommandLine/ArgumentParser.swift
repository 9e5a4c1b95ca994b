/// Turns words into a command and its values. Pure: the terminal is only passed on.
struct ArgumentParser {
    enum Outcome {
        case run(Command.Run, ParsedValues)
        case help(CommandPath)
        /// A group was named without a subcommand: its help is shown, and the status is that of misuse.
        case incomplete(CommandPath)
        case version
    }

    private let environment: [String: String]
    private let terminal: Terminal
    private var path: CommandPath
    private var given: [String: ParsedValues.Entry] = [:]
    private var positionals: [String] = []
    private var wantsHelp = false

    init(root: Command, environment: [String: String], terminal: Terminal) {
        path = CommandPath(root: root)
        self.environment = environment
        self.terminal = terminal
    }

    mutating func parse(_ words: [String]) throws(UsageError) -> Outcome {
        var rest = words[...]
        var optionsEnded = false
        while let word = rest.popFirst() {
            if optionsEnded || !Self.looksLikeOption(word) {
                try take(word)
            } else if word == "--" {
                optionsEnded = true
            } else if word == "--version", path.isRoot {
                return .version
            } else if word.hasPrefix("--") {
                try takeLong(word, &rest)
            } else {
                try takeShort(word, &rest)
            }
        }
        if wantsHelp { return .help(path) }
        guard case .run(let run) = path.command.action else { return .incomplete(path) }
        return .run(run, try values())
    }

    // MARK: Words

    /// A lone dash means standard input, and negative numbers are values.
    private static func looksLikeOption(_ word: String) -> Bool {
        word.hasPrefix("-") && word != "-" && Double(word) == nil
    }

    private mutating func take(_ word: String) throws(UsageError) {
        guard case .subcommands(let commands) = path.command.action else {
            positionals.append(word)
            return
        }
        if let command = path.command.subcommand(word) {
            path = path.descending(to: command)
        } else if word == "help", path.isRoot {
            wantsHelp = true
        } else {
            let hint = Suggestion.nearest(to: word, among: commands.map(\.name)).map { "; did you mean \($0)?" } ?? ""
            throw UsageError("unknown command \"\(word)\" of \(path.text)\(hint)")
        }
    }

    private mutating func takeLong(_ word: String, _ rest: inout ArraySlice<String>) throws(UsageError) {
        let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        let attached = parts.count == 2 ? String(parts[1]) : nil
        if name == "help", attached == nil {
            wantsHelp = true
        } else if let option = path.options.first(where: { $0.name == name }) {
            try take(option, as: "--" + name, attached: attached, &rest)
        } else if let option = path.options.first(where: { $0.isNegatable && "no-" + $0.name == name }) {
            guard attached == nil else { throw UsageError("--\(name) takes no value") }
            try record(option, as: "--" + name, ["false"])
        } else {
            throw unknown("--" + name)
        }
    }

    private mutating func takeShort(_ word: String, _ rest: inout ArraySlice<String>) throws(UsageError) {
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
            if let option = path.options.first(where: { $0.short == letter }) {
                if option.isFlag {
                    try take(option, as: "-\(letter)", attached: nil, &rest)
                } else {
                    let attached = letters.first == "=" ? letters.dropFirst() : letters
                    return try take(option, as: "-\(letter)", attached: letters.isEmpty ? nil : String(attached), &rest)
                }
            } else if letter == "h" {
                wantsHelp = true
            } else {
                throw unknown("-\(letter)")
            }
        }
    }

    private mutating func take(
        _ option: Option, as spelling: String, attached: String?, _ rest: inout ArraySlice<String>
    ) throws(UsageError) {
        if option.isFlag {
            guard attached == nil else { throw UsageError("\(spelling) takes no value") }
            return try record(option, as: spelling, ["true"])
        }
        let text: String
        if let attached {
            text = attached
        } else if let next = rest.first, !Self.looksLikeOption(next) {
            text = next
            rest.removeFirst()
        } else if let next = rest.first, next != "--" {
            throw UsageError("\(spelling) needs a value; one that starts with a dash is written \(option.flag)=VALUE")
        } else {
            throw UsageError("\(spelling) needs a value")
        }
        let elements = option.elements(of: text, from: .flag)
        for element in elements { try check(element, against: option.rule, named: spelling, isSecret: option.isSecret) }
        try record(option, as: spelling, elements)
    }

    private mutating func record(_ option: Option, as spelling: String, _ elements: [String]) throws(UsageError) {
        if option.repetition == .never, given[option.name] != nil { throw UsageError("\(spelling) is given twice") }
        given[option.name, default: .init(elements: [], source: .flag)].elements += elements
    }

    private func unknown(_ spelling: String) -> UsageError {
        let known = path.options.flatMap(\.spellings) + ["--help"] + (path.isRoot ? ["--version"] : [])
        let hint = spelling.hasPrefix("--") ? Suggestion.nearest(to: spelling, among: known) : nil
        return UsageError("unknown option \(spelling)" + (hint.map { "; did you mean \($0)?" } ?? ""))
    }

    // MARK: Values

    private func values() throws(UsageError) -> ParsedValues {
        var entries = given
        for option in path.options where entries[option.name] == nil {
            if let variable = option.environment, let text = environment[variable], !text.isEmpty {
                let elements = option.elements(of: text, from: .environment)
                for element in elements {
                    try check(element, against: option.rule, named: variable, isSecret: option.isSecret)
                }
                entries[option.name] = .init(elements: elements, source: .environment)
            } else if let text = option.defaultValue {
                entries[option.name] = .init(
                    elements: option.elements(of: text, from: .defaultValue), source: .defaultValue)
            } else if option.isRequired {
                let variable = option.environment.map { " (or \($0))" } ?? ""
                throw UsageError("\(option.flag)\(variable) is required")
            }
        }
        try assignPositionals(to: &entries)
        return ParsedValues(path: path, terminal: terminal, entries: entries)
    }

    private func assignPositionals(to entries: inout [String: ParsedValues.Entry]) throws(UsageError) {
        var rest = positionals[...]
        for argument in path.command.arguments {
            let elements: ArraySlice<String>
            switch argument.arity {
            case .one, .optional: elements = rest.prefix(1)
            case .many: elements = rest
            }
            rest = rest.dropFirst(elements.count)
            if elements.isEmpty {
                if argument.arity == .optional || argument.arity == .many(required: false) { continue }
                throw UsageError("<\(argument.name)> is missing")
            }
            for element in elements {
                try check(element, against: argument.rule, named: "<\(argument.name)>", isSecret: false)
            }
            entries[argument.name] = .init(elements: Array(elements), source: .flag)
        }
        if let extra = rest.first { throw UsageError("unexpected argument \"\(extra)\"") }
    }

    private func check(
        _ text: String, against rule: ValueRule, named name: String, isSecret: Bool
    ) throws(UsageError) {
        guard let complaint = rule.complaint(text) else { return }
        throw UsageError(isSecret ? "\(name): the value \(complaint)" : "\(name): \"\(text)\" \(complaint)")
    }
}
