/// Comma-separated values (RFC 4180): CRLF line ends, quotes where needed.
///
/// A cell that a spreadsheet would take for a formula is written with a leading apostrophe, as names of resources are
/// chosen by other people.
package struct CSVWriter: Sendable {
    package private(set) var text = ""

    package init(header: [String]) { append(header) }

    package mutating func append(_ cells: [String]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { text += "," }
            text += Self.field(cell)
        }
        text += "\r\n"
    }

    static func field(_ cell: String) -> String {
        var value = cell
        if let first = cell.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first) { value = "'" + cell }
        let needsQuotes = value.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
        guard needsQuotes else { return value }
        var quoted = String.UnicodeScalarView()
        quoted.append("\"")
        for scalar in value.unicodeScalars {
            if scalar == "\"" { quoted.append("\"") }
            quoted.append(scalar)
        }
        quoted.append("\"")
        return String(quoted)
    }
}
