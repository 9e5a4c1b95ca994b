/// The reference of a command tree in Markdown, for the documentation folder.
struct MarkdownPage {
    let root: Command

    var text: String {
        CommandPath(root: root).all.map(section).joined(separator: "\n")
    }

    private func section(_ path: CommandPath) -> String {
        let command = path.command
        var text = String(repeating: "#", count: min(path.names.count, 4)) + " `\(path.text)`\n\n\(command.summary).\n"
        for paragraph in TextWrapping.paragraphs(of: command.discussion) { text += "\n\(paragraph)\n" }
        if !command.subcommands.isEmpty {
            text += table(["command", "what it does"], command.subcommands.map { ["`\($0.name)`", $0.summary] })
        }
        if !command.arguments.isEmpty {
            text += table(
                ["argument", "meaning"], command.arguments.map { ["`\($0.usage)`", HelpPage.meaning(of: $0)] })
        }
        text += settings(command.options)
        if !command.examples.isEmpty {
            let lines = command.examples.map { "# \($0.explanation)\n\($0.command)\n" }
            text += "\n```sh\n" + lines.joined(separator: "\n") + "```\n"
        }
        return text
    }

    /// The settings as one table: flag, environment, default, meaning.
    private func settings(_ options: [Option]) -> String {
        guard !options.isEmpty else { return "" }
        let rows = options.map { option in
            let short = option.short.map { "`-\($0)`, " } ?? ""
            let placeholder = HelpPage.placeholder(of: option)
            let choices =
                option.isFlag || option.rule.choices.isEmpty
                ? "" : ": " + option.rule.choices.map { "`\($0)`" }.joined(separator: ", ")
            let name = (option.isNegatable ? "--[no-]" : "--") + option.name
            return [
                short + "`" + name + (placeholder.isEmpty ? "" : " " + placeholder) + "`",
                option.environment.map { "`\($0)`" } ?? "",
                option.defaultText ?? HelpPage.defaultText(of: option).map { "`\($0)`" }
                    ?? (option.isRequired ? "required" : ""),
                option.help + choices,
            ]
        }
        return table(["flag", "environment", "default", "meaning"], rows)
    }

    private func table(_ header: [String], _ rows: [[String]]) -> String {
        func line(_ cells: [String]) -> String {
            "| "
                + cells.map { $0.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|") }
                .joined(separator: " | ") + " |\n"
        }
        return "\n" + line(header) + "|" + String(repeating: "---|", count: header.count) + "\n"
            + rows.map(line).joined()
    }

}
