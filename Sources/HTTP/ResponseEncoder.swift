/// Writes response heads and chunks (RFC 9112 §4, §7.1).
package enum ResponseEncoder {
    package enum Framing: Sendable, Equatable {
        /// 204, 304 and the like.
        case none
        case length(Int)
        case chunked
        /// The body ends with the connection: HTTP/1.0 only.
        case untilClose
    }

    package enum Connection: Sendable, Equatable {
        /// The default of HTTP/1.1, not written.
        case keepsAlive
        /// Written for an HTTP/1.0 client that asked.
        case saysKeepAlive
        case closes
    }

    package static let interim: [UInt8] = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
    package static let lastChunk: [UInt8] = Array("0\r\n\r\n".utf8)

    /// Appends a head. `dateLine` is a whole `date` field line, made once a second.
    package static func append(
        _ response: Response, framing: Framing, connection: Connection, dateLine: [UInt8], to output: inout [UInt8]
    ) {
        appendStatusLine(response.status, to: &output)
        output.append(contentsOf: dateLine)
        for field in response.fields.all {
            append(field.name.text, to: &output)
            append(": ", to: &output)
            appendValue(field.value, to: &output)
            append("\r\n", to: &output)
        }
        switch framing {
        case .none, .untilClose: break
        case .length(let count):
            append("content-length: ", to: &output)
            append(count, radix: 10, to: &output)
            append("\r\n", to: &output)
        case .chunked: append("transfer-encoding: chunked\r\n", to: &output)
        }
        switch connection {
        case .keepsAlive: append("\r\n", to: &output)
        case .saysKeepAlive: append("connection: keep-alive\r\n\r\n", to: &output)
        case .closes: append("connection: close\r\n\r\n", to: &output)
        }
    }

    /// Appends one chunk; an empty one is left out, because it would end the body.
    package static func appendChunk(_ bytes: [UInt8], to output: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        append(bytes.count, radix: 16, to: &output)
        append("\r\n", to: &output)
        output.append(contentsOf: bytes)
        append("\r\n", to: &output)
    }

    /// `date: Mon, 02 Mar 2026 10:00:00 GMT` with its line break.
    package static func dateLine(_ httpDate: String) -> [UInt8] { Array("date: \(httpDate)\r\n".utf8) }

    private static func appendStatusLine(_ status: Status, to output: inout [UInt8]) {
        switch status.code {
        case 200: append("HTTP/1.1 200 OK\r\n", to: &output)
        case 201: append("HTTP/1.1 201 Created\r\n", to: &output)
        case 404: append("HTTP/1.1 404 Not Found\r\n", to: &output)
        default:
            append("HTTP/1.1 ", to: &output)
            append(Int(status.code), radix: 10, to: &output)
            append(" ", to: &output)
            append(status.reason, to: &output)
            append("\r\n", to: &output)
        }
    }

    @inline(__always)
    private static func append(_ text: StaticString, to output: inout [UInt8]) {
        output.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private static func append(_ text: String, to output: inout [UInt8]) {
        var text = text
        text.withUTF8 { output.append(contentsOf: $0) }
    }

    /// A line break in a value would let whoever chose the value write fields of their own, so control characters become
    /// spaces (RFC 9110 §5.5).
    private static func appendValue(_ value: String, to output: inout [UInt8]) {
        var value = value
        value.withUTF8 { bytes in
            let start = output.count
            output.append(contentsOf: bytes)
            for position in 0..<bytes.count where bytes[position] < 0x20 || bytes[position] == 0x7F {
                if bytes[position] != 0x09 { output[start + position] = 0x20 }
            }
        }
    }

    private static func append(_ number: Int, radix: Int, to output: inout [UInt8]) {
        var divisor = 1
        while number / divisor >= radix { divisor *= radix }
        while divisor > 0 {
            let digit = UInt8(number / divisor % radix)
            output.append(digit < 10 ? digit + 0x30 : digit - 10 + 0x61)
            divisor /= radix
        }
    }
}
