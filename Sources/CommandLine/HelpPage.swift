/// The help of one command: what it is, how it is written, what it takes.
struct HelpPage {
    private let path: CommandPath
    private let width: Int

    init(_ path: CommandPath, width: Int) {
        self.path = path
        self.width = width
    }

    var text: String {
        var sections = [wrapped(path.command.summary)]
        for paragraph in TextWrapping.paragraphs(of: path.command.discussion) { sections.append(wrapped(paragraph)) }
        sections.append(usage)
        section("Commands", path.command.subcommands.map { ($0.name, $0.summary) }, &sections)
        section("Arguments", path.command.arguments.map { ("<\($0.name)>", Self.meaning(of: $0)) }, &sections)
        section("Options", path.command.options.map { (Self.label(of: $0), Self.meaning(of: $0)) }, &sections)
        let inherited = path.inheritedOptions.map { (Self.label(of: $0), Self.meaning(of: $0)) }
        section("Global options", inherited + builtIn, &sections)
        if !path.command.examples.isEmpty {
            let lines = path.command.examples.map { "  # \($0.explanation)\n  \($0.command)\n" }
            sections.append("Examples:\n" + lines.joined(separator: "\n"))
        }
        if !path.command.subcommands.isEmpty {
            sections.append("`\(path.text) <command> --help` explains a command.\n")
        }
        return sections.joined(separator: "\n")
    }

    // MARK: Parts

    private var builtIn: [(String, String)] {
        [("-h, --help", "Show this help")] + (path.isRoot ? [("    --version", "Show the version")] : [])
    }

    private var usage: String {
        var words = ["Usage:", path.text, "[options]"]
        words += path.command.options.filter(\.isRequired).map { "\($0.flag) \(Self.placeholder(of: $0))" }
        if path.command.subcommands.isEmpty {
            words += path.command.arguments.map(\.usage)
        } else {
            words.append("<command>")
        }
        return TextWrapping.lines(words.joined(separator: " "), width: width, hanging: 7).joined(separator: "\n") + "\n"
    }

    private func section(_ title: String, _ rows: [(String, String)], _ sections: inout [String]) {
        guard !rows.isEmpty else { return }
        let longest = rows.map { DisplayWidth.of($0.0) }.max() ?? 0
        let column = min(longest, max(24, width / 3)) + 4
        var text = title + ":\n"
        for (label, meaning) in rows {
            let lines = TextWrapping.lines(meaning, width: max(20, width - column))
            let indent = String(repeating: " ", count: column)
            var line = "  " + label
            let used = DisplayWidth.of(line)
            if used + 2 <= column {
                line += String(repeating: " ", count: column - used)
            } else {
                line += "\n" + indent
            }
            text += line + lines.joined(separator: "\n" + indent) + "\n"
        }
        sections.append(text)
    }

    private func wrapped(_ paragraph: String) -> String {
        TextWrapping.lines(paragraph, width: width).joined(separator: "\n") + "\n"
    }

    // MARK: Words for options and arguments

    static func label(of option: Option) -> String {
        let short = option.short.map { "-\($0), " } ?? "    "
        switch option.kind {
        case .flag(let negatable): return short + "--" + (negatable ? "[no-]" : "") + option.name
        case .value: return short + option.flag + " " + placeholder(of: option)
        }
    }

    static func placeholder(of option: Option) -> String {
        guard case .value(let placeholder) = option.kind else { return "" }
        return "<\(placeholder)>" + (option.repetition == .each ? "..." : "")
    }

    static func meaning(of option: Option) -> String {
        var notes: [String] = []
        if !option.rule.choices.isEmpty, !option.isFlag {
            notes.append("one of " + option.rule.choices.joined(separator: ", "))
        }
        if option.repetition == .each { notes.append("repeatable") }
        if option.repetition == .commaSeparated { notes.append("comma-separated") }
        if option.isRequired { notes.append("required") }
        if let text = defaultText(of: option) { notes.append("default: " + text) }
        if let variable = option.environment { notes.append("env: " + variable) }
        return option.help + (notes.isEmpty ? "" : " [" + notes.joined(separator: "; ") + "]")
    }

    static func meaning(of argument: Positional) -> String {
        argument.help
            + (argument.rule.choices.isEmpty ? "" : " [one of " + argument.rule.choices.joined(separator: ", ") + "]")
    }

    /// `nil` when there is no default worth showing.
    static func defaultText(of option: Option) -> String? {
        if let text = option.defaultText { return text }
        if option.isSecret { return nil }
        if option.isFlag { return option.defaultValue == "true" ? "on" : nil }
        return option.defaultValue
    }
}
