import HTTP

/// What a response may measure.
struct ResponseLimits: Sendable {
    let head: Int
    let body: Int
}

/// Reads one response from a connection.
struct ResponseReader {
    private let connection: Connection
    private let limits: ResponseLimits
    private let deadline: Deadline
    /// Received and not yet used.
    private var buffer: [UInt8] = []
    private(set) var hasReceived = false

    init(_ connection: Connection, _ limits: ResponseLimits, _ deadline: Deadline) {
        self.connection = connection
        self.limits = limits
        self.deadline = deadline
    }

    /// The response, and whether the connection may carry another request.
    mutating func response(to request: OutboundRequest) async throws(HTTPClientError) -> (InboundResponse, Bool) {
        let head = try await head(to: request.method)
        var body = BodyCollector(limit: limits.body, receive: head.status.isSuccess ? request.receive : nil)
        let isComplete = try await read(head.framing, into: &body)
        let response = InboundResponse(
            status: head.status, fields: head.fields, body: body.bytes, url: request.url, address: connection.address)
        // Bytes behind the response would be taken for the beginning of the next.
        return (response, isComplete && head.keepsAlive && buffer.isEmpty)
    }

    // MARK: Head

    /// The final head; interim responses before it share its limit.
    private mutating func head(to method: Method) async throws(HTTPClientError) -> ResponseHead {
        var parserLimits = ResponseParser.Limits()
        // Checked here instead, where too large and malformed are different answers.
        parserLimits.headBytes = .max
        let parser = ResponseParser(to: method, parserLimits)
        while true {
            switch parser.parse(buffer.span) {
            case .head(let head, let consumed):
                guard consumed <= limits.head else { throw .tooLarge(.head) }
                buffer.removeFirst(consumed)
                return head
            case .malformed(let fault): throw .malformed(fault.detail)
            case .needMore:
                guard buffer.count <= limits.head else { throw .tooLarge(.head) }
            }
            guard try await receive(.head) else {
                throw hasReceived ? .malformed("the head ended early") : .connectionFailed("connection closed")
            }
        }
    }

    // MARK: Body

    /// Whether the end of the body was found without the end of the connection.
    private mutating func read(
        _ framing: ResponseHead.Framing, into body: inout BodyCollector
    ) async throws(HTTPClientError) -> Bool {
        switch framing {
        case .none:
            return true
        case .length(let length):
            guard length <= limits.body else { throw .tooLarge(.body) }
            var left = length
            while left > 0 {
                if buffer.isEmpty, try await !receive(.body) { throw .malformed("the body ended early") }
                let count = min(left, buffer.count)
                try await body.append(count == buffer.count ? take() : take(count))
                left -= count
            }
            return true
        case .chunked:
            try await readChunks(into: &body)
            return true
        case .untilClose:
            repeat { try await body.append(take()) } while try await receive(.body)
            return false
        }
    }

    private mutating func readChunks(into body: inout BodyCollector) async throws(HTTPClientError) {
        var decoder = ChunkedDecoder()
        while true {
            if buffer.isEmpty, try await !receive(.body) { throw .malformed("the body ended early") }
            var content: [UInt8] = []
            switch decoder.decode(buffer.span, into: &content, limit: body.room) {
            case .needMore:
                buffer.removeAll(keepingCapacity: true)
                try await body.append(content)
            case .complete(let consumed):
                buffer.removeFirst(consumed)
                return try await body.append(content)
            case .malformed(let fault): throw .malformed(fault.detail)
            case .tooLarge: throw .tooLarge(.body)
            }
        }
    }

    // MARK: Buffer

    private mutating func take() -> [UInt8] {
        defer { buffer = [] }
        return buffer
    }

    private mutating func take(_ count: Int) -> [UInt8] {
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }

    /// `false` at the end of the stream.
    private mutating func receive(_ phase: HTTPClientError.Phase) async throws(HTTPClientError) -> Bool {
        let bytes = try await connection.read(deadline, phase)
        guard !bytes.isEmpty else { return false }
        hasReceived = true
        if buffer.isEmpty { buffer = bytes } else { buffer += bytes }
        return true
    }
}

/// Gathers a body, or hands it on, up to a limit.
private struct BodyCollector {
    private(set) var bytes: [UInt8] = []
    private(set) var room: Int
    private let receive: (@Sendable ([UInt8]) async -> Bool)?

    init(limit: Int, receive: (@Sendable ([UInt8]) async -> Bool)?) {
        room = limit
        self.receive = receive
    }

    mutating func append(_ more: [UInt8]) async throws(HTTPClientError) {
        guard !more.isEmpty else { return }
        guard more.count <= room else { throw .tooLarge(.body) }
        room -= more.count
        if let receive {
            guard await receive(more) else { throw .stopped }
        } else if bytes.isEmpty {
            bytes = more
        } else {
            bytes += more
        }
    }
}
