import HTTP

/// A request as bytes (RFC 9112 §3).
struct RequestMessage {
    /// To be written one after the other; a large body is not copied behind the head.
    let parts: [[UInt8]]

    /// Field names that only the client writes, because framing and routing depend on them.
    private static let reserved: [FieldName] = [.host, .connection, .contentLength, .transferEncoding, .expect]

    init(_ request: OutboundRequest, userAgent: String) throws(HTTPClientError) {
        guard !request.url.hasUserInfo else { throw .invalidRequest("the URL contains a user name") }
        if let name = request.fields.all.map(\.name).first(where: Self.reserved.contains) {
            throw .invalidRequest("\(name) is written by the client")
        }
        var head: [UInt8] = []
        head.reserveCapacity(512 + (request.body.count < 65_536 ? request.body.count : 0))
        head += "\(request.method.name) \(request.url.target) HTTP/1.1\r\nhost: \(request.url.authority)\r\n".utf8
        if !request.fields.contains(.userAgent) { head += "user-agent: \(userAgent)\r\n".utf8 }
        for field in request.fields.all {
            // A line break in a value would begin another field, or another request (RFC 9110 §5.5).
            guard field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw .invalidRequest("the value of \(field.name) contains a control character")
            }
            head += field.name.text.utf8
            head += ": ".utf8
            head += field.value.utf8
            head += "\r\n".utf8
        }
        let announcesLength: Bool
        switch request.method.known {
        case .post, .put, .patch: announcesLength = true
        case .get, .head, .delete, .options, .other: announcesLength = !request.body.isEmpty
        }
        if announcesLength { head += "content-length: \(request.body.count)\r\n".utf8 }
        head += "\r\n".utf8
        if request.body.count < 65_536 {
            head += request.body
            parts = [head]
        } else {
            parts = [head, request.body]
        }
    }
}
