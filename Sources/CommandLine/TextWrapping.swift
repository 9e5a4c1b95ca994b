/// Breaks prose into lines of a display width.
enum TextWrapping {
    /// Lines of at most `width` columns, later ones indented by `hanging`. A word longer than a line keeps its own line.
    static func lines(_ text: String, width: Int, hanging: Int = 0) -> [String] {
        var lines: [String] = []
        var line = ""
        var used = 0
        for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            let length = DisplayWidth.of(String(word))
            if used > 0, used + 1 + length > width {
                lines.append(line)
                line = String(repeating: " ", count: hanging)
                used = 0
                line += word
                used = hanging + length
            } else {
                if used > 0 { line += " " }
                line += word
                used += length + (used > 0 ? 1 : 0)
            }
        }
        lines.append(line)
        return lines
    }

    /// The parts between empty lines.
    static func paragraphs(of text: String) -> [String] {
        var paragraphs: [String] = []
        var current: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.allSatisfy({ $0 == " " }) {
                if !current.isEmpty { paragraphs.append(current.joined(separator: " ")) }
                current = []
            } else {
                current.append(line)
            }
        }
        if !current.isEmpty { paragraphs.append(current.joined(separator: " ")) }
        return paragraphs
    }
}
