import APIClient
import CommandLine
import JSON

/// A column of a list.
struct Column: Sendable {
    let title: String
    let keys: [String]
    var isNumber = false
    var isElastic = true

    /// - Parameter path: members separated by dots: `managed_by.parent_org_name`.
    init(_ title: String, _ path: String, isNumber: Bool = false, isElastic: Bool = true) {
        self.title = title
        keys = path.split(separator: ".").map(String.init)
        self.isNumber = isNumber
        self.isElastic = isElastic
    }

    static let id = Column("ID", "id", isElastic: false)
    static let name = Column("NAME", "name")

    func cell(of row: JSONValue) -> String { row.at(keys)?.cell ?? "" }
}

extension Session {
    var format: OutputFormat { OutputFormat(values) }

    /// A list in the chosen format. JSON holds the rows as the server gave them.
    func print(list rows: [JSONValue], _ columns: [Column], idKey: String = "id", empty: String = "Nothing found.") {
        ListPrinter(values: values).print(list: rows, columns, idKey: idKey, empty: empty)
    }

    /// One resource in the chosen format: as JSON, or a line a member.
    func print(_ resource: JSONValue, idKey: String = "id") {
        if isQuiet, format == .table {
            terminal.print(SafeText.oneLine(Self.shortest(resource, idKey)) + "\n")
            return
        }
        switch format {
        case .json:
            terminal.print(resource.pretty() + "\n")
        case .csv:
            var csv = CSVWriter(header: ["field", "value"])
            for (key, value) in Self.lines(of: resource) { csv.append([key, value]) }
            terminal.print(csv.text)
        case .table:
            var table = TextTable([TextTable.Column("FIELD", isElastic: false), TextTable.Column("VALUE")])
            for (key, value) in Self.lines(of: resource) { table.append([key, value]) }
            terminal.print(table.text { terminal.styled($0, .bold) })
        }
    }

    /// The identifier; for a credential that is shown once, client id and secret, as nothing else would be of use later.
    private static func shortest(_ resource: JSONValue, _ idKey: String) -> String {
        let credential = resource["client_secret"] == nil ? resource["saas_app"] : resource
        if let id = credential?["client_id"]?.stringValue, let secret = credential?["client_secret"]?.stringValue {
            return "\(id) \(secret)"
        }
        return resource[idKey]?.stringValue ?? ""
    }

    /// Members and members of members, as `config.client_id`; what is unset is left out.
    private static func lines(of resource: JSONValue) -> [(String, String)] {
        guard let object = resource.objectValue else { return [("", resource.cell)] }
        return object.flatMap { key, value -> [(String, String)] in
            if value.isNull { return [] }
            if let inner = value.objectValue, inner.count > 0 {
                return lines(of: value).map { ("\(key).\($0.0)", $0.1) }
            }
            if let list = value.arrayValue, list.contains(where: { $0.objectValue != nil }) {
                return list.enumerated().map { ("\(key)[\($0.offset)]", $0.element.serialized()) }
            }
            return value.cell.isEmpty ? [] : [(key, value.cell)]
        }
    }

    /// What the server says besides the result, such as rules that now name an ended connection.
    func notes(of answer: Answer) {
        for message in answer.messages where message.code != 10000 {
            terminal.printError(SafeText.oneLine("note: \(message.sentence)") + "\n")
        }
    }
}
