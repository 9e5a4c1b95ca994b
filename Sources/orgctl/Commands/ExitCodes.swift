import CommandLine

/// `orgctl exit-codes`.
enum ExitCodeCommands {
    static let meanings: [(code: ExitCode, meaning: String)] = [
        (.ok, "Done. For plan: there is no difference."),
        (.failure, "The server refused, something failed, or the answer to a question was no."),
        (.difference, "plan found a difference."),
        (.usage, "Wrong flags or arguments, or no token."),
        (.data, "A file was read and is not valid."),
        (.noInput, "A file cannot be read."),
        (.unavailable, "The server cannot be reached."),
        (.cannotCreate, "A file cannot be written."),
        (.temporary, "The server is busy or shutting down, or asks for slower requests: try again later."),
        (.protocol, "A server that an agent was sent to contradicts itself or is not safe, so nothing was sent to it."),
        (.noPermission, "The token is unknown, expired, or not allowed to do this."),
    ]

    static let command = Command(
        "exit-codes", summary: "Explain what the status of a command means",
        discussion: meanings.map { "\($0.code.status): \($0.meaning)" }.joined(separator: "\n\n")
    ) { values in
        var table = TextTable([TextTable.Column("STATUS", .right), TextTable.Column("MEANING")])
        for row in meanings { table.append([String(row.code.status), row.meaning]) }
        values.terminal.print(table.text())
        return .ok
    }
}
