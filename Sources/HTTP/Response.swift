/// A response before it is framed: the server adds Date, Content-Length or Transfer-Encoding, and Connection.
package struct Response: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Written piece by piece; sent chunked. Ends when the closure returns; a thrown error breaks the connection, so that
        /// the client cannot mistake the part for the whole.
        case stream(@Sendable (BodyWriter) async throws -> Void)
    }

    package var status: Status
    package var fields: Fields
    package var body: Body

    package init(_ status: Status, fields: Fields = Fields(), body: Body = .bytes([])) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// `Content-Type: application/json`.
    package init(_ status: Status, json: [UInt8]) {
        self.init(status, fields: [.contentType: "application/json"], body: .bytes(json))
    }

    /// `Content-Type: text/plain; charset=utf-8`.
    package init(_ status: Status, text: String) {
        self.init(status, fields: [.contentType: "text/plain; charset=utf-8"], body: .bytes(Array(text.utf8)))
    }

    /// `Content-Type: text/html; charset=utf-8`.
    package init(_ status: Status, html: String) {
        self.init(status, fields: [.contentType: "text/html; charset=utf-8"], body: .bytes(Array(html.utf8)))
    }

    /// The bytes of a body that is not a stream.
    package var bytes: [UInt8]? { if case .bytes(let bytes) = body { bytes } else { nil } }
}

/// Where a streamed body goes.
package struct BodyWriter: Sendable {
    package enum Failure: Error, Sendable { case disconnected }

    private let sink: @Sendable ([UInt8]) async throws(Failure) -> Void

    package init(_ sink: @escaping @Sendable ([UInt8]) async throws(Failure) -> Void) { self.sink = sink }

    /// Sends `bytes` as one chunk; suspends while the client reads slower than this writes.
    ///
    /// - Throws: ``Failure/disconnected`` when the client has gone.
    package func write(_ bytes: [UInt8]) async throws(Failure) { try await sink(bytes) }
}
