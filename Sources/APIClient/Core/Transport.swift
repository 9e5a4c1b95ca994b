package import Primitives

/// One request as it goes out. The URL is absolute; header values hold no secrets but the authorization itself.
package struct OutgoingRequest: Sendable {
    package var method: String
    package var url: String
    package var fields: [(name: String, value: String)]
    package var authorization: Secret<String>?
    package var body: [UInt8]?
    /// For this call; `nil` means the transport's own limit.
    package var deadline: Duration?
    /// Bytes of the answer's body; `nil` means the transport's own limit.
    package var bodyLimit: Int?
    /// Takes the body of a successful answer piece by piece, which then is not limited; `false` ends the call.
    package var receive: (@Sendable ([UInt8]) async -> Bool)?

    package init(
        method: String, url: String, fields: [(name: String, value: String)] = [],
        authorization: Secret<String>? = nil, body: [UInt8]? = nil
    ) {
        self.method = method
        self.url = url
        self.fields = fields
        self.authorization = authorization
        self.body = body
    }
}

/// One answer, whole.
package struct IncomingAnswer: Sendable {
    package var status: Int
    package var fields: [(name: String, value: String)]
    package var body: [UInt8]

    package init(status: Int, fields: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// The first field of that name, compared without regard to ASCII case.
    package func field(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// Carries requests. The real one speaks HTTP; tests answer from memory.
package protocol Transport: Sendable {
    /// - Throws: ``TransportFailure`` when no complete answer arrived.
    func send(_ request: OutgoingRequest) async throws(TransportFailure) -> IncomingAnswer
}

/// Why no answer arrived.
package struct TransportFailure: Error, Equatable {
    /// A phrase that completes "cannot reach http://…: ".
    package let reason: String
    /// The request never left, so repeating it is safe whatever it was.
    package let neverSent: Bool

    package init(_ reason: String, neverSent: Bool = false) {
        self.reason = reason
        self.neverSent = neverSent
    }
}
