package import HTTP
package import Primitives

/// A request to send.
package struct OutboundRequest: Sendable {
    package var method: Method
    package var url: WebAddress
    /// Without Host, Connection, Content-Length and Transfer-Encoding, which the client writes itself.
    package var fields: Fields
    package var body: [UInt8]
    /// For the whole call; `nil` means the client's default.
    package var deadline: Duration?
    /// Bytes of the response's body; `nil` means the client's default.
    package var bodyLimit: Int?
    /// Redirects followed, all on the host of `url`. A redirect beyond them is an error; with 0 it is the response.
    package var redirectLimit = 0
    /// Whether sending it twice is harmless, so that a connection lost before any response may be replaced by a new one.
    /// True for idempotent methods (RFC 9110 §9.2.2); set it for a POST that carries an idempotency key.
    package var isRepeatable: Bool
    /// Takes the body of a successful response piece by piece instead of collecting it; `false` ends the request with
    /// ``HTTPClientError/stopped``. Waiting here is not limited by the deadline.
    package var receive: (@Sendable ([UInt8]) async -> Bool)?

    package init(_ method: Method = .get, _ url: WebAddress, fields: Fields = Fields(), body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
        switch method.known {
        case .get, .head, .put, .delete, .options: isRepeatable = true
        case .post, .patch, .other: isRepeatable = false
        }
    }
}

/// A response, complete.
package struct InboundResponse: Sendable {
    package let status: Status
    package let fields: Fields
    /// Empty when the request received the body in pieces.
    package let body: [UInt8]
    /// What was asked in the end, after redirects.
    package let url: WebAddress
    /// Who answered.
    package let address: IPAddress
}
