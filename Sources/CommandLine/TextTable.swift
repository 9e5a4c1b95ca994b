/// Rows in aligned columns. Cells may hold anything: they are made safe and measured in display columns.
package struct TextTable: Sendable {
    package enum Alignment: Sendable { case left, right }

    package struct Column: Sendable {
        package let title: String
        package let alignment: Alignment
        /// Whether the column may be cut when the table is wider than the terminal. Ids are worth more whole.
        package let isElastic: Bool

        package init(_ title: String, _ alignment: Alignment = .left, isElastic: Bool = true) {
            self.title = title
            self.alignment = alignment
            self.isElastic = isElastic
        }
    }

    /// No column is cut below this many columns.
    private static let narrowest = 6
    private static let gap = "  "

    package let columns: [Column]
    package private(set) var rows: [[String]] = []

    package init(_ columns: [Column]) { self.columns = columns }

    /// Appends a row; missing cells are empty, surplus ones are dropped.
    package mutating func append(_ cells: [String]) {
        rows.append(columns.indices.map { $0 < cells.count ? SafeText.oneLine(cells[$0]) : "" })
    }

    /// The header and the rows, one a line, without trailing spaces.
    ///
    /// - Parameter width: the columns available, or `nil` for as wide as it gets (output that is not a terminal).
    package func text(width: Int? = nil, headerStyle: (String) -> String = { $0 }) -> String {
        let widths = widths(within: width)
        var text = headerStyle(line(columns.map(\.title), widths)) + "\n"
        for row in rows { text += line(row, widths) + "\n" }
        return text
    }

    private func widths(within limit: Int?) -> [Int] {
        var widths = columns.indices.map { column in
            rows.reduce(DisplayWidth.of(columns[column].title)) { max($0, DisplayWidth.of($1[column])) }
        }
        guard let limit else { return widths }
        var excess = widths.reduce(0, +) + Self.gap.count * max(0, columns.count - 1) - limit
        while excess > 0 {
            // Take one from the widest, so that columns end up even rather than one of them empty.
            let candidates = widths.indices.filter { columns[$0].isElastic && widths[$0] > Self.narrowest }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let shown = DisplayWidth.truncate(cell, to: widths[index])
            let padding = String(repeating: " ", count: widths[index] - DisplayWidth.of(shown))
            if index > 0 { line += Self.gap }
            line += columns[index].alignment == .right ? padding + shown : shown + padding
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}
