import Glibc
import JSON
import Primitives
import Testing

@testable import Telemetry

private struct FixedClock: WallClock {
    // 2026-03-02T10:00:00.000250Z
    let now = Timestamp(microseconds: 1_772_445_600_000_250)
}

@Suite("Logger")
struct LoggerTests {
    private static func lines(_ format: LogFormat, level: LogLevel = .debug, _ body: (Logger) -> Void) -> [String] {
        let sink = RecordingLogSink()
        body(Logger(level: level, format: format, sink: sink, clock: FixedClock()))
        return sink.lines
    }

    @Test("JSON has one object a line with typed values")
    func json() {
        let lines = Self.lines(.json) {
            $0.info(
                "request", .hex("ray", 0xab), .string("path", "/a\"b"), .int("status", 200), .bool("tls", true),
                .duration("duration_ms", .microseconds(12_345)), .double("load", 0.5), .string("account", nil),
                .time("until", Timestamp(seconds: 0)))
        }
        #expect(
            lines == [
                #"{"ts":"2026-03-02T10:00:00.000250Z","level":"info","event":"request","ray":"00000000000000ab","#
                    + #""path":"/a\"b","status":200,"tls":true,"duration_ms":12.345,"load":0.5,"account":null,"#
                    + #""until":"1970-01-01T00:00:00.000000Z"}"# + "\n"
            ])
    }

    @Test("text reads in columns")
    func text() {
        let lines = Self.lines(.text) { logger in
            logger.warning("slow", .string("path", "/x"), .string("who", "a b"), .string("none", nil), .int("n", -3))
            logger.info("ready", .duration("after_ms", .milliseconds(-1)), .string("empty", ""))
        }
        #expect(
            lines == [
                "2026-03-02T10:00:00.000250Z warning slow path=/x who=\"a b\" none=- n=-3\n",
                "2026-03-02T10:00:00.000250Z info    ready after_ms=-1.000 empty=\"\"\n",
            ])
    }

    @Test(
        "a value can forge neither a line nor a field, in either format",
        arguments: [
            "a\nb", "a\r\nlevel=error", "x=1 y=2", "\u{1b}[31mred", "\u{202e}reversed", "\u{2028}", "\0", "\"quoted\"",
            "back\\slash", "\u{85}",
        ])
    func injection(_ value: String) throws {
        let json = try #require(Self.lines(.json) { $0.error("event", .string("v", value)) }.first)
        #expect(json.utf8.filter { $0 < 0x20 } == [0x0a])
        let parsed = try JSONParser.parse(Array(json.utf8.dropLast()))
        #expect(parsed.objectValue?["v"]?.stringValue == value)
        let text = try #require(Self.lines(.text) { $0.error("event", .string("v", value)) }.first)
        #expect(text.utf8.filter { $0 < 0x20 } == [0x0a])
        #expect(
            !text.dropLast().unicodeScalars.contains {
                $0.properties.generalCategory == .control || $0 == "\u{202e}" || $0 == "\u{2028}"
            })
        #expect(text.hasSuffix("\"\n"))
    }

    @Test("long values are cut at a character")
    func cut() throws {
        let line = try #require(
            Self.lines(.json) { $0.info("e", .string("v", String(repeating: "é", count: 1000) + "x")) }.first)
        let value = try #require(JSONParser.parse(Array(line.utf8.dropLast())).objectValue?["v"]?.stringValue)
        #expect(value == String(repeating: "é", count: 512) + "…")
        let odd = try #require(
            Self.lines(.json) { $0.info("e", .string("v", "x" + String(repeating: "é", count: 1000))) }.first)
        #expect(odd.contains("x" + String(repeating: "é", count: 511) + "…"))
    }

    @Test("only events of the level and above are written", arguments: LogLevel.allCases)
    func levels(_ level: LogLevel) {
        let lines = Self.lines(.text, level: level) {
            $0.debug("a")
            $0.info("a")
            $0.warning("a")
            $0.error("a")
        }
        #expect(lines.count == LogLevel.allCases.filter { $0 >= level }.count)
    }

    @Test("bound fields come first")
    func bound() {
        let lines = Self.lines(.text) { $0.adding(.int("loop", 1)).adding(.int("b", 2)).info("a", .int("c", 3)) }
        #expect(lines == ["2026-03-02T10:00:00.000250Z info    a loop=1 b=2 c=3\n"])
    }

    @Test("a full pipe drops lines instead of waiting, and says how many")
    func fullPipe() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer {
            close(ends[0])
            close(ends[1])
        }
        let sink = DescriptorLogSink(ends[1])
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 4096)
        var written = 0
        while sink.droppedLines == 0, written < 100_000 {
            sink.write(line)
            written += 1
        }
        #expect(sink.droppedLines == 1)
        // The mode of the shared descriptor is untouched.
        #expect(fcntl(ends[1], F_GETFL) & O_NONBLOCK == 0)
    }

    @Test("a full socket drops lines instead of waiting")
    func fullSocket() throws {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer {
            close(ends[0])
            close(ends[1])
        }
        let sink = DescriptorLogSink(ends[1])
        var written = 0
        while sink.droppedLines == 0, written < 100_000 {
            sink.write([UInt8](repeating: UInt8(ascii: "x"), count: 4096))
            written += 1
        }
        #expect(sink.droppedLines == 1)
    }
}
