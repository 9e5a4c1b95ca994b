import EventLoops
import HTTP

/// From bytes to requests and from responses to bytes.
extension Connection {
    // MARK: Reading

    /// Takes bytes as they arrive, in the shared buffer; keeps a copy of what is not understood yet.
    func accept(_ bytes: UnsafeRawBufferPointer) {
        guard input.isEmpty else {
            if isKeepingInput { input.append(contentsOf: bytes) }
            return  // `work` goes on with what is held
        }
        let bytes = bytes.assumingMemoryBound(to: UInt8.self)
        let used = process(bytes.span)
        if used < bytes.count, isKeepingInput { input = Array(bytes[used...]) }
    }

    /// Goes on with bytes held back before.
    func consumeInput() {
        guard !input.isEmpty else { return }
        let held = input
        input = []
        let used = process(held.span)
        guard used < held.count, isKeepingInput else { return }
        input = used == 0 ? held : Array(held[used...])
    }

    private var isKeepingInput: Bool {
        switch phase {
        case .ending, .closed: false
        case .head, .body, .chunkedBody, .answering, .streaming: true
        }
    }

    /// Understands as much as possible and says how many bytes that were.
    private func process(_ bytes: Span<UInt8>) -> Int {
        var position = 0
        while position < bytes.count {
            let rest = bytes.extracting(position..<bytes.count)
            switch phase {
            case .head:
                guard budget > 0, output.count - sent < Self.highWater else { return position }
                let outcome = parser.parse(
                    rest, Origin(peer: peer, isSecure: tls != nil, ray: shard.nextRay()))
                switch outcome {
                case .needMore:
                    if !isReadingHead {
                        isReadingHead = true
                        limit(to: shard.limits.head)
                    }
                    return position
                case .head(let head, let consumed):
                    position += consumed
                    isReadingHead = false
                    begin(head, bodyHasArrived: position < bytes.count)
                case .malformed(let fault): refuse(fault)
                }
            case .body(let head, let missing):
                let count = min(missing, rest.count)
                rest.extracting(0..<count).withUnsafeBufferPointer { body.append(contentsOf: $0) }
                position += count
                if count == missing { handle(head) } else { phase = .body(head, missing: missing - count) }
            case .chunkedBody(let head, var decoder, let limit):
                phase = .head  // so that the decoder is not shared while it works
                let outcome = decoder.decode(rest, into: &body, limit: limit)
                switch outcome {
                case .needMore:
                    position = bytes.count
                    phase = .chunkedBody(head, decoder, limit: limit)
                case .complete(let consumed):
                    position += consumed
                    handle(head)
                case .tooLarge: refuseBody(of: head)
                case .malformed(let fault):
                    report(Request(head), fault.status, bytes: 0)
                    refuse(fault)
                }
            case .answering, .streaming: return position
            case .ending, .closed: return bytes.count
            }
        }
        return position
    }

    /// A head is complete: decides about its body.
    private func begin(_ head: RequestHead, bodyHasArrived: Bool) {
        started = EventLoop.readMonotonic()
        guard head.framing != .none else { return handle(head) }
        let limit = shard.handler.bodyLimit(for: Request(head))
        if case .length(let length) = head.framing, length > limit { return refuseBody(of: head) }
        if head.expectsContinue, !bodyHasArrived { output.append(contentsOf: ResponseEncoder.interim) }
        self.limit(to: shard.limits.body)
        switch head.framing {
        case .none: break
        case .length(let length):
            // Memory follows what arrives, not what is announced.
            body.reserveCapacity(min(length, 64 * 1024))
            phase = .body(head, missing: length)
        case .chunked: phase = .chunkedBody(head, ChunkedDecoder(), limit: limit)
        }
    }

    /// A request is complete.
    private func handle(_ head: RequestHead) {
        let request = Request(head, body: body)
        if !body.isEmpty { body = [] }
        budget -= 1
        // From here on the response reports the request, also when sending it fails.
        phase = .head
        switch shard.handler.handle(request) {
        case .now(let response): respond(response, to: request)
        case .later(let produce):
            phase = .answering(request)
            deadline = .max
            let bound = LoopBound(self, on: shard.loop)
            Task(executorPreference: shard.loop) {
                let response = await produce()
                bound.run { $0.complete(response) }
            }
        }
    }

    private func complete(_ response: Response) {
        guard case .answering(let request) = phase else { return }
        phase = .head
        lendOutput()
        respond(response, to: request)
        work()
    }

    // MARK: Responding

    private func respond(_ response: Response, to request: Request) {
        let head = request.head
        var closes = endsAfterResponse || !head.keepsAlive
        let isWithoutBody = response.status.isBodiless || head.method == .head
        switch response.body {
        case .bytes(let bytes):
            let framing: ResponseEncoder.Framing = response.status.isBodiless ? .none : .length(bytes.count)
            encode(response, framing, closes: closes, head)
            if !isWithoutBody {
                if bytes.count >= Self.joinLimit, tls == nil {
                    sendTogether(bytes)
                } else {
                    output.append(contentsOf: bytes)
                }
            }
            report(request, response.status, bytes: isWithoutBody ? 0 : bytes.count)
            finish(closes: closes)
        case .stream(let produce):
            let isChunked = head.minorVersion == 1
            closes = closes || !isChunked
            let framing: ResponseEncoder.Framing =
                response.status.isBodiless ? .none : isChunked ? .chunked : .untilClose
            encode(response, framing, closes: closes, head)
            if isWithoutBody {
                report(request, response.status, bytes: 0)
                finish(closes: closes)
            } else {
                stream(
                    produce,
                    Stream(request: request, status: response.status, isChunked: isChunked, closes: closes))
            }
        }
    }

    /// Larger bodies are sent from where they are instead of being copied behind their head.
    private static let joinLimit = 16 * 1024

    private func encode(_ response: Response, _ framing: ResponseEncoder.Framing, closes: Bool, _ head: RequestHead) {
        ResponseEncoder.append(
            response, framing: framing,
            connection: closes ? .closes : head.minorVersion == 0 ? .saysKeepAlive : .keepsAlive,
            dateLine: shard.dateLine, to: &output)
    }

    private func finish(closes: Bool) {
        if case .closed = phase { return }
        if closes { return end() }
        phase = .head
        limit(to: shard.limits.idle)
    }

    /// Answers what is no request and ends the connection.
    func refuse(_ fault: Fault) {
        lendOutput()
        append(shard.handler.malformed(fault.status, fault.detail, ray: shard.nextRay()))
        end()
    }

    private func refuseBody(of head: RequestHead) {
        let request = Request(head)
        let response = shard.handler.tooLarge(request)
        append(response)
        end()
        report(request, response.status, bytes: response.bytes?.count ?? 0)
    }

    private func append(_ response: Response) {
        let bytes = response.bytes ?? []
        ResponseEncoder.append(
            response, framing: .length(bytes.count), connection: .closes, dateLine: shard.dateLine, to: &output)
        output.append(contentsOf: bytes)
    }

    // MARK: Streaming

    private func stream(_ produce: @escaping @Sendable (BodyWriter) async throws -> Void, _ stream: Stream) {
        phase = .streaming(stream)
        streamed = 0
        deadline = .max
        let bound = LoopBound(self, on: shard.loop)
        let writer = BodyWriter { (bytes) async throws(BodyWriter.Failure) in
            let goesOn = await withCheckedContinuation { continuation in
                bound.run { $0.write(bytes, continuation) }
            }
            guard goesOn else { throw .disconnected }
        }
        Task(executorPreference: shard.loop) {
            do {
                try await produce(writer)
                bound.run { $0.finishStream() }
            } catch {
                // Half a body must not look whole: the missing last chunk tells.
                bound.run { $0.close() }
            }
        }
    }

    private func write(_ bytes: [UInt8], _ continuation: CheckedContinuation<Bool, Never>) {
        guard case .streaming(let stream) = phase else { return continuation.resume(returning: false) }
        lendOutput()
        streamed += bytes.count
        if stream.isChunked {
            ResponseEncoder.appendChunk(bytes, to: &output)
        } else {
            output.append(contentsOf: bytes)
        }
        work()
        guard case .streaming = phase else { return continuation.resume(returning: false) }
        if output.count - sent < Self.highWater {
            continuation.resume(returning: true)
        } else {
            stalledWriters.append(continuation)
        }
    }

    private func finishStream() {
        guard case .streaming(let stream) = phase else { return }
        lendOutput()
        if stream.isChunked { output.append(contentsOf: ResponseEncoder.lastChunk) }
        report(stream.request, stream.status, bytes: streamed)
        finish(closes: stream.closes || endsAfterResponse)
        work()
    }
}
