// HTTP/1.1 as values and as bytes, without any I/O: requests, responses, fields, framing, and the small grammars of URLs,
// queries, cookies and media types.
//
// Invariants: what two readers could understand differently is refused; no limit is open-ended; nothing that a client
// sent ends the process. Read `Request` first, then `RequestParser`.

package import Primitives

/// A request: its head and, once read, its whole body. No `String` exists until someone asks for one.
package struct Request: Sendable {
    package let head: RequestHead
    package let body: [UInt8]

    package init(_ head: RequestHead, body: [UInt8] = []) {
        self.head = head
        self.body = body
    }

    package var method: Method { head.method }

    /// The request target as sent.
    package var target: String { head.string(head.target) }

    /// The path as sent, percent-encoded; starts with `/`, or is `*`.
    package var pathBytes: ArraySlice<UInt8> { head.path.isEmpty ? [UInt8(ascii: "/")] : head.bytes[head.path] }
    package var path: String { String(decoding: pathBytes, as: UTF8.self) }

    /// What follows `?`, as sent; `nil` without one.
    package var queryBytes: ArraySlice<UInt8>? { head.query.map { head.bytes[$0] } }

    /// The decoded query; `nil` when it holds a bad escape or a NUL.
    package var query: QueryString? { QueryString(queryBytes ?? []) }

    /// Host and port as sent, for an absolute target those of the target (RFC 9112 §3.2.2).
    package var host: String { head.string(head.host) }

    package var peer: IPAddress { head.peer }
    package var isSecure: Bool { head.isSecure }

    /// The request's identity in logs.
    package var ray: UInt64 { head.ray }

    /// 16 lowercase hexadecimal digits.
    package var rayText: String {
        let ray = ray
        return String(unsafeUninitializedCapacity: 16) { buffer in
            for position in 0..<16 { buffer[position] = Hex.digit(ray >> UInt64(60 - position * 4)) }
            return 16
        }
    }

    // MARK: Fields

    /// The first value of that name, without surrounding white space.
    package func value(_ name: FieldName) -> String? {
        valueBytes(name).map { String(decoding: $0, as: UTF8.self) }
    }

    package func valueBytes(_ name: FieldName) -> ArraySlice<UInt8>? {
        head.line(name).map { head.bytes[Int($0.value)..<Int($0.valueEnd)] }
    }

    package func values(_ name: FieldName) -> [String] {
        head.lines.filter { head.matches($0, name) }.map { head.string(Int($0.value)..<Int($0.valueEnd)) }
    }

    package func count(_ name: FieldName) -> Int {
        var count = 0
        for line in head.lines where head.matches(line, name) { count += 1 }
        return count
    }

    /// Whether the name of some field holds this byte.
    package func hasFieldName(containing byte: UInt8) -> Bool {
        head.lines.contains { head.bytes[Int($0.name)..<Int($0.nameEnd)].contains(byte) }
    }

    /// Every field in the order sent.
    package var allFields: Fields {
        var fields = Fields()
        for line in head.lines {
            let name = FieldName(known: head.string(Int(line.name)..<Int(line.nameEnd)))
            fields.append(name, head.string(Int(line.value)..<Int(line.valueEnd)))
        }
        return fields
    }
}

extension Request {
    /// A request as a client would send it, run through the parser; `nil` when a server would refuse it. For tests and for
    /// calls within the process.
    package init?(
        _ method: Method, _ target: String, host: String = "localhost", fields: Fields = [:], body: [UInt8] = [],
        origin: Origin = Origin(peer: .loopbackV4)
    ) {
        var text = "\(method.name) \(target) HTTP/1.1\r\nhost: \(host)\r\n"
        for field in fields.all { text += "\(field.name.text): \(field.value)\r\n" }
        if !body.isEmpty { text += "content-length: \(body.count)\r\n" }
        text += "\r\n"
        var parser = RequestParser()
        guard case .head(let head, _) = parser.parse(Array(text.utf8).span, origin) else { return nil }
        self.init(head, body: body)
    }
}
