import JSON
import Primitives

/// One event as bytes that end in the only line feed they contain.
struct LogLine {
    /// Longer strings are cut, so that a line stays within what a pipe takes at once and a caller cannot flood the log.
    static let longestValue = 1024

    let time: Timestamp
    let level: LogLevel
    let event: StaticString
    let fields: [LogField]

    func bytes(_ format: LogFormat) -> [UInt8] {
        switch format {
        case .json: json
        case .text: text
        }
    }

    // MARK: For machines

    private var json: [UInt8] {
        var writer = JSONWriter(reserving: 256)
        writer.beginObject()
        writer.key("ts")
        writer.value(time: time, .microseconds)
        writer.member("level", level.rawValue)
        writer.key("event")
        writer.value(utf8: UnsafeBufferPointer(start: event.utf8Start, count: event.utf8CodeUnitCount))
        for field in fields {
            writer.key(field.name)
            switch field.value {
            case .string(let value): writer.value(Self.cut(value))
            case .integer(let value): writer.value(value)
            case .double(let value): writer.value(value)
            case .bool(let value): writer.value(value)
            case .milliseconds(let value): writer.raw(JSONText(trusted: Self.milliseconds(value)))
            case .hexadecimal(let value): writer.value(Self.hexadecimal(value))
            case .time(let value): writer.value(time: value, .microseconds)
            case .null: writer.null()
            }
        }
        writer.endObject()
        writer.bytes.append(UInt8(ascii: "\n"))
        return writer.bytes
    }

    // MARK: For people

    private var text: [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        line += time.rfc3339(.microseconds).utf8
        line.append(UInt8(ascii: " "))
        line += level.rawValue.utf8
        line += repeatElement(UInt8(ascii: " "), count: 8 - level.rawValue.utf8.count)
        line += Self.text(of: event).utf8
        for field in fields {
            line.append(UInt8(ascii: " "))
            line += Self.text(of: field.name).utf8
            line.append(UInt8(ascii: "="))
            switch field.value {
            case .string(let value): Self.append(Self.cut(value), to: &line)
            case .integer(let value): line += String(value).utf8
            case .double(let value): line += String(value).utf8
            case .bool(let value): line += (value ? "true" : "false").utf8
            case .milliseconds(let value): line += Self.milliseconds(value).utf8
            case .hexadecimal(let value): line += Self.hexadecimal(value).utf8
            case .time(let value): line += value.rfc3339(.microseconds).utf8
            case .null: line.append(UInt8(ascii: "-"))
            }
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    /// A plain word as it is. Anything else in quotes, with quotes, backslashes and every character escaped that could end
    /// the line, move the cursor or reorder what is shown.
    private static func append(_ text: String, to line: inout [UInt8]) {
        let isPlain = text.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "=")
                && byte != UInt8(ascii: "\\")
        }
        if isPlain, !text.isEmpty, text != "-" {
            line += text.utf8
            return
        }
        line.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                line.append(UInt8(ascii: "\\"))
                line.append(UInt8(ascii: scalar))
            case "\n": line += "\\n".utf8
            case "\r": line += "\\r".utf8
            case "\t": line += "\\t".utf8
            default:
                if isPrintable(scalar) {
                    line += String(scalar).utf8
                } else {
                    line += "\\u{\(String(scalar.value, radix: 16))}".utf8
                }
            }
        }
        line.append(UInt8(ascii: "\""))
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }

    // MARK: Values

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > longestValue else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: longestValue)
        // Back to the first byte of a character.
        while UTF8.isContinuation(text.utf8[end]) { end = text.utf8.index(before: end) }
        return String(text.unicodeScalars[..<end]) + "…"
    }

    private static func text(of constant: StaticString) -> String { constant.description }

    /// `12.345`.
    static func milliseconds(_ duration: Duration) -> String {
        let microseconds = duration.wholeMicroseconds
        return String(unsafeUninitializedCapacity: 24) { buffer in
            // From the last digit backwards, at least four of them, then moved to the front.
            var position = 24
            var rest = microseconds.magnitude
            var digits = 0
            while rest > 0 || digits < 4 {
                if digits == 3 {
                    position -= 1
                    buffer[position] = UInt8(ascii: ".")
                }
                position -= 1
                buffer[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
                digits += 1
            }
            if microseconds < 0 {
                position -= 1
                buffer[position] = UInt8(ascii: "-")
            }
            for index in position..<24 { buffer[index - position] = buffer[index] }
            return 24 - position
        }
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        String(unsafeUninitializedCapacity: 16) { buffer in
            for index in 0..<16 { buffer[index] = Hex.digit(value >> UInt64(60 - 4 * index)) }
            return 16
        }
    }
}
