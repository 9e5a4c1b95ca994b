import Primitives
import Testing

@testable import CommandLine

@Suite("Tables and CSV")
struct TableTests {
    private static var table: TextTable {
        var table = TextTable([.init("ID", isElastic: false), .init("NAME"), .init("SEATS", .right)])
        table.append(["0a1b2c", "Operations", "7"])
        table.append(["0a1b2d", "日本支社", "1200"])
        table.append(["0a1b2e"])
        return table
    }

    @Test("columns are aligned by display width")
    func aligned() {
        #expect(
            Self.table.text() == """
                ID      NAME        SEATS
                0a1b2c  Operations      7
                0a1b2d  日本支社     1200
                0a1b2e

                """)
    }

    @Test("a narrow terminal cuts the elastic columns only")
    func narrow() {
        #expect(
            Self.table.text(width: 22) == """
                ID      NAME     SEATS
                0a1b2c  Operat…      7
                0a1b2d  日本支…   1200
                0a1b2e

                """)
        #expect(Self.table.text(width: 3).contains("Opera…"))
    }

    @Test("a cell cannot move the cursor or break the line")
    func hostile() {
        var table = TextTable([.init("A")])
        table.append(["x\u{1b}[31m\ny\u{202e}z\u{9b}"])
        #expect(table.text() == "A\nx\u{fffd}[31m y\u{fffd}z\u{fffd}\n")
    }

    @Test(
        "display width counts columns",
        arguments: [
            ("abc", 3), ("", 0), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("ｆ", 2), ("한", 2), ("😀", 2), ("❤️", 2), ("🇦🇹", 2),
            ("👩‍👩‍👧", 2), ("a\u{200b}b", 2), ("…", 1),
        ])
    func width(_ text: String, _ columns: Int) { #expect(DisplayWidth.of(text) == columns) }

    @Test(
        "cutting never exceeds the columns",
        arguments: [
            ("abcdef", 4, "abc…"), ("日本支社", 5, "日本…"), ("日本支社", 4, "日…"), ("abc", 3, "abc"), ("abc", 0, ""),
            ("ab", 1, "…"),
        ])
    func truncation(_ text: String, _ columns: Int, _ expected: String) {
        #expect(DisplayWidth.truncate(text, to: columns) == expected)
    }

    @Test(
        "a CSV field is quoted where RFC 4180 asks for it, and never a formula",
        arguments: [
            ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""), ("a\nb", "\"a\nb\""),
            ("a\r\nb", "\"a\r\nb\""),
            ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\tx", "'\tx"), ("=a,b", "\"'=a,b\""),
            ("", ""),
            ("a=b", "a=b"),
        ])
    func csvField(_ cell: String, _ field: String) { #expect(CSVWriter.field(cell) == field) }

    @Test("CSV rows end in CRLF")
    func csv() {
        var writer = CSVWriter(header: ["id", "name"])
        writer.append(["1", "A, B"])
        #expect(writer.text == "id,name\r\n1,\"A, B\"\r\n")
    }
}
