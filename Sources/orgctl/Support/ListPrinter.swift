import APIClient
import CommandLine
import JSON

/// How results are printed: `--output`.
enum OutputFormat: String {
    case table, json, csv

    init(_ values: ParsedValues) { self = OutputFormat(rawValue: values.string("output")) ?? .table }
}

/// Prints lists, for commands with a server and for those without.
struct ListPrinter {
    let values: ParsedValues

    private var terminal: Terminal { values.terminal }
    private var isQuiet: Bool { values.bool("quiet") }

    /// A list in the chosen format. JSON holds the rows as the server gave them.
    func print(list rows: [JSONValue], _ columns: [Column], idKey: String = "id", empty: String = "Nothing found.") {
        if isQuiet, OutputFormat(values) == .table {
            for row in rows { terminal.print(SafeText.oneLine(row[idKey]?.stringValue ?? "") + "\n") }
            return
        }
        switch OutputFormat(values) {
        case .json:
            terminal.print(JSONValue.array(rows).pretty() + "\n")
        case .csv:
            var csv = CSVWriter(
                header: columns.map {
                    $0.title.lowercased().map { $0 == " " ? "_" : $0 }.reduce(into: "") { $0.append($1) }
                })
            for row in rows { csv.append(columns.map { $0.cell(of: row) }) }
            terminal.print(csv.text)
        case .table:
            guard !rows.isEmpty else {
                if !isQuiet { terminal.printError(empty + "\n") }
                return
            }
            var table = TextTable(
                columns.map { TextTable.Column($0.title, $0.isNumber ? .right : .left, isElastic: $0.isElastic) })
            for row in rows { table.append(columns.map { $0.cell(of: row) }) }
            terminal.print(table.text(width: terminal.width) { terminal.styled($0, .bold) })
        }
    }
}
