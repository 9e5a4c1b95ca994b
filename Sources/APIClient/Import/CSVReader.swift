/// Comma-separated values (RFC 4180) with a header line, as spreadsheets save them.
package struct CSVReader: Sendable {
    package struct Row: Sendable, Equatable {
        /// The line on which the row begins, counted from 1.
        package let line: Int
        package let cells: [String]
    }

    package let header: [String]
    package let rows: [Row]

    /// Empty lines are skipped; LF and CRLF both end a line; a byte order mark is dropped. Quoted cells keep line breaks.
    ///
    /// - Throws: ``ClientError/invalidInput(_:)`` with the line of an unclosed quote or of text after one.
    package init(_ text: String) throws(ClientError) {
        var scanner = Scanner(text)
        var rows: [Row] = []
        while let row = try scanner.next() {
            if row.cells.count == 1, row.cells[0].isEmpty { continue }
            rows.append(row)
        }
        guard let first = rows.first else { throw .invalidInput("the file has no header line") }
        header = first.cells.map { Self.trimmed($0).lowercased() }
        self.rows = Array(rows.dropFirst())
    }

    /// The cell of a row below a heading, without surrounding spaces; `nil` when empty or absent.
    package func value(_ heading: String, of row: Row) -> String? {
        guard let column = header.firstIndex(of: heading), column < row.cells.count else { return nil }
        let value = Self.trimmed(row.cells[column])
        return value.isEmpty ? nil : value
    }

    static func trimmed(_ text: String) -> String {
        var text = Substring(text)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    private struct Scanner {
        private var rest: Substring.UnicodeScalarView
        private var line = 1

        init(_ text: String) {
            rest = Substring(text).unicodeScalars
            if rest.first == "\u{feff}" { rest.removeFirst() }
        }

        mutating func next() throws(ClientError) -> Row? {
            guard !rest.isEmpty else { return nil }
            let start = line
            var cells: [String] = []
            while true {
                cells.append(try cell())
                if take(",") { continue }
                guard rest.isEmpty || lineBreak() else {
                    throw .invalidInput("line \(line): text after a closing quote")
                }
                return Row(line: start, cells: cells)
            }
        }

        private mutating func cell() throws(ClientError) -> String {
            var text = String.UnicodeScalarView()
            guard take("\"") else {
                while let scalar = rest.first, scalar != ",", scalar != "\n", scalar != "\r" {
                    text.append(scalar)
                    rest.removeFirst()
                }
                return String(text)
            }
            let start = line
            while let scalar = rest.popFirst() {
                if scalar == "\"" {
                    guard take("\"") else { return String(text) }
                } else if scalar == "\n" {
                    line += 1
                }
                text.append(scalar)
            }
            throw .invalidInput("line \(start): a quote is never closed")
        }

        private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
            guard rest.first == scalar else { return false }
            rest.removeFirst()
            return true
        }

        private mutating func lineBreak() -> Bool {
            let returned = take("\r")
            guard take("\n") || returned else { return false }
            line += 1
            return true
        }
    }
}
