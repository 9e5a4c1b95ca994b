import EventLoops
import HTTP
import Primitives

/// One client connection: a state machine driven by readiness edges, with a task only for answers that wait.
///
/// It holds no buffer while idle: bytes arrive in the shard's scratch buffer and leave through a lent output buffer.
final class Connection: EventHandler {
    enum Phase {
        /// Between requests, or within a head.
        case head
        /// Within a body of known length; so many bytes are missing.
        case body(RequestHead, missing: Int)
        case chunkedBody(RequestHead, ChunkedDecoder, limit: Int)
        /// A task is making the response; nothing is read.
        case answering(Request)
        /// A task is writing the body of the response; nothing is read.
        case streaming(Stream)
        /// Everything is sent or about to be; what still arrives is dropped until the client closes too.
        case ending
        case closed
    }

    /// A response whose body is being written by a task.
    struct Stream {
        let request: Request
        let status: Status
        let isChunked: Bool
        let closes: Bool
    }

    let shard: Shard
    let peer: IPAddress
    /// `nil` for plain HTTP.
    let tls: TLSTransport?
    var index = -1
    /// On the loop's monotonic clock, in nanoseconds.
    var deadline = Int64.max

    var descriptor: Descriptor
    var phase = Phase.head
    var parser: RequestParser
    /// Received and not yet understood; empty while idle.
    var input: [UInt8] = []
    /// The body read so far.
    var body: [UInt8] = []
    /// What is to be sent, from `sent` on.
    var output: [UInt8] = []
    var sent = 0
    /// How much of the output is ciphertext already; only with TLS.
    private var sealed = 0
    /// No short read since the last edge: the kernel may hold more.
    var mayRead = false
    /// The peer ended its half, or an edge said so and the end is still to be read.
    var sawEnd = false
    var endsAfterResponse = false
    /// Inside `work`, which sends at its end.
    var isWorking = false
    /// In the shard's list of connections whose output waits for that of others.
    private var isUnsent = false
    /// When the head of the current request was complete.
    var started: Int64 = 0
    /// When the latest response was complete.
    private(set) var answered: Int64 = 0
    /// Body bytes of a streamed response so far.
    var streamed = 0
    /// Writers waiting for the client to catch up.
    var stalledWriters: [CheckedContinuation<Bool, Never>] = []
    /// The first bytes of a head have arrived, and its time limit runs.
    var isReadingHead = false
    /// The kernel takes no more output, and the limit of write stalls runs.
    private var isStalled = false
    /// Everything is sent and the outgoing half has ended.
    private var isEndingSent = false

    /// What is left of this turn's share, so that neither a deep pipeline nor a fast upload delays other connections.
    var budget = 0
    /// Whether the end waits for the client to close too.
    private var lingers = true

    /// Requests a turn; a read of the scratch buffer's size counts as several.
    private static let turnBudget = 64
    private static let readCost = 4
    /// Output beyond this stops reading and suspends streams until the client has caught up.
    static let highWater = 256 * 1024

    init(_ descriptor: consuming Descriptor, _ peer: IPAddress, _ tls: TLSTransport?, _ shard: Shard) {
        self.tls = tls
        self.descriptor = descriptor
        self.peer = peer
        self.shard = shard
        parser = RequestParser(shard.options.limits)
    }

    func start() {
        descriptor.disableDelay()
        limit(to: tls == nil ? shard.limits.idle : shard.limits.head)
        do throws(SystemError) {
            try shard.loop.register(descriptor, self)
        } catch {
            close()
        }
    }

    // MARK: Events

    func ready(_ events: Readiness) {
        if events.contains(.failed) { return close() }
        if events.contains(.halfClosed) { sawEnd = true }
        if events.contains(.readable) || events.contains(.halfClosed) { mayRead = true }
        work()
    }

    /// Sends, reads and answers as far as possible. Everything that changes the connection ends here, so that responses
    /// to pipelined requests leave in one piece.
    func work() {
        guard !isWorking else { return }
        if case .closed = phase { return }
        isWorking = true
        lendOutput()
        send()
        budget = Self.turnBudget
        while true {
            consumeInput()
            if output.count - sent >= Self.highWater {
                send()
                // What was held back for the full buffer gets no edge of its own.
                if budget > 0, output.count - sent < Self.highWater { continue }
            }
            guard budget > 0 else {
                if wantsInput, mayRead || !input.isEmpty { continueNextTurn() }
                break
            }
            guard mayRead, wantsInput else { break }
            budget -= Self.readCost
            receive()
        }
        if mayLeaveLater, shard.defersSending(of: self) {
            isUnsent = true
        } else {
            send()
        }
        isWorking = false
        settle()
    }

    /// A whole response to a client that waits for nothing else, small enough to be held for some microseconds.
    private var mayLeaveLater: Bool {
        guard case .head = phase, !isStalled, !isUnsent else { return false }
        return output.count > sent && output.count - sent <= Self.deferralLimit
    }

    private static let deferralLimit = 16 * 1024

    /// Sends what was held for the sake of its neighbours.
    func leave() {
        guard isUnsent else { return }
        isUnsent = false
        if case .closed = phase { return }
        send()
        settle()
    }

    /// Others on this loop have waited long enough.
    private func continueNextTurn() {
        let bound = LoopBound(self, on: shard.loop)
        shard.loop.execute { bound.value.work() }
    }

    private var wantsInput: Bool {
        switch phase {
        case .head, .body, .chunkedBody: output.count - sent < Self.highWater
        case .ending: true
        case .answering, .streaming, .closed: false
        }
    }

    private func receive() {
        switch descriptor.receive(into: shard.scratch) {
        case .moved(0):
            mayRead = false
            sawEnd = true
            reachEnd()
        case .moved(let count):
            // After a short read the next edge tells of more; only the end of the stream may already be waiting.
            if count < shard.scratch.count, !sawEnd { mayRead = false }
            let bytes = UnsafeRawBufferPointer(rebasing: shard.scratch[..<count])
            if let tls { decrypt(bytes, tls) } else { accept(bytes) }
        case .wouldBlock: mayRead = false
        case .failed: close()
        }
    }

    private func decrypt(_ bytes: UnsafeRawBufferPointer, _ tls: TLSTransport) {
        let wasEstablished = tls.isEstablished
        // Taken out while in use; it holds plaintext, so every connection of the loop uses the same one.
        var plaintext = shard.plaintext
        shard.plaintext = []
        let event = tls.receive(bytes, &plaintext) { accept($0) }
        shard.plaintext = plaintext
        if tls.isEstablished, !wasEstablished, !isReadingHead, case .head = phase { limit(to: shard.limits.idle) }
        switch event {
        case .waiting: break
        case .closed:
            sawEnd = true
            reachEnd()
        case .failed: end()
        }
    }

    /// The client will send nothing more. What it asked before is answered already: nothing is read while an answer is due.
    private func reachEnd() {
        switch phase {
        case .closed: break
        case .answering, .streaming: endsAfterResponse = true
        case .head, .body, .chunkedBody, .ending:
            // TLS owes the client a closing alert.
            if output.count > sent || tls != nil && !isEndingSent { end() } else { close() }
        }
    }

    // MARK: Sending

    /// Takes the shared output buffer, so that the response needs no allocation.
    func lendOutput() {
        if output.capacity == 0 { output = shard.spareOutputs.popLast() ?? [] }
    }

    private func send() {
        if let tls {
            var ends = false
            if case .ending = phase { ends = true }
            if case .closed = phase { return }
            guard tls.seal(&output, from: sealed, ends: ends) else { return close() }
            sealed = output.count
        }
        while sent < output.count {
            let outcome = output.withUnsafeBytes { descriptor.send(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
            switch outcome {
            case .moved(let count):
                sent += count
                isStalled = isStalled && count == 0
            case .wouldBlock:
                if !isStalled {
                    isStalled = true
                    limit(to: shard.limits.writeStall)
                }
                return
            case .failed: return close()
            }
        }
        guard sent > 0 else { return }
        output.removeAll(keepingCapacity: true)
        sent = 0
        sealed = 0
        catchUp()
    }

    /// All output is sent: whoever waited for that goes on.
    private func catchUp() {
        resumeWriters(true)
        guard isStalled else { return }
        isStalled = false
        switch phase {
        case .head: limit(to: isReadingHead ? shard.limits.head : shard.limits.idle)
        case .body, .chunkedBody: limit(to: shard.limits.body)
        case .answering, .streaming: deadline = .max
        case .ending, .closed: break
        }
    }

    private func resumeWriters(_ goesOn: Bool) {
        guard !stalledWriters.isEmpty else { return }
        let writers = stalledWriters
        stalledWriters = []
        for writer in writers { writer.resume(returning: goesOn) }
    }

    /// Gives the output buffer back and ends a connection that has nothing more to say.
    private func settle() {
        guard output.isEmpty else { return }
        if output.capacity > 0 {
            shard.keep(output)
            output = []
        }
        guard case .ending = phase, !isEndingSent else { return }
        guard !sawEnd, lingers else { return close() }
        isEndingSent = true
        descriptor.finishSending()
        limit(to: shard.limits.linger)
    }

    /// Writes `first` and `second` without joining them; for bodies too large to copy.
    func sendTogether(_ second: [UInt8]) {
        let outcome = output.withUnsafeBytes { head in
            second.withUnsafeBytes { tail in
                descriptor.send(UnsafeRawBufferPointer(rebasing: head[sent...]), tail)
            }
        }
        var moved = 0
        switch outcome {
        case .moved(let count): moved = count
        case .wouldBlock: break
        case .failed: return close()
        }
        let pending = output.count - sent
        if moved < pending {
            sent += moved
            output.append(contentsOf: second)
        } else {
            output.removeAll(keepingCapacity: true)
            sent = 0
            output.append(contentsOf: second[(moved - pending)...])
        }
    }

    // MARK: Ending

    /// Ends after the output is sent. Closing at once would make the kernel reset the connection when unread bytes are
    /// waiting, and a reset can overtake the response.
    func end() {
        phase = .ending
        input = []
        body = []
    }

    func close() {
        if case .closed = phase { return }
        let request: (Request, Status)? =
            switch phase {
            case .body(let head, _), .chunkedBody(let head, _, _): (Request(head), Self.disconnected)
            case .answering(let request): (request, Self.disconnected)
            case .streaming(let stream): (stream.request, stream.status)
            case .head, .ending, .closed: nil
            }
        phase = .closed
        shard.loop.deregister(descriptor)
        descriptor.close()
        input = []
        body = []
        output = []
        sent = 0
        resumeWriters(false)
        if let (request, status) = request { report(request, status, bytes: streamed) }
        shard.forget(self)
    }

    /// Reported, never sent: the client left before there was an answer.
    private static let disconnected = Status(499)

    func report(_ request: Request, _ status: Status, bytes: Int) {
        answered = EventLoop.readMonotonic()
        let elapsed = Duration.nanoseconds(answered - started)
        shard.handler.finished(request, status: status, bytes: bytes, elapsed: elapsed)
    }

    // MARK: Time limits

    func limit(to nanoseconds: Int64) { deadline = shard.loop.monotonic &+ nanoseconds }

    /// The deadline has passed.
    func expire() {
        switch phase {
        case .head where isReadingHead && output.isEmpty: refuse(Fault(.requestTimeout, "request head took too long"))
        case .body(let head, _) where output.isEmpty, .chunkedBody(let head, _, _) where output.isEmpty:
            report(Request(head), .requestTimeout, bytes: 0)
            refuse(Fault(.requestTimeout, "request body took too long"))
        case .head, .body, .chunkedBody, .answering, .streaming, .ending, .closed: return close()
        }
        work()
    }

    /// The server stops: idle connections close, a request in flight is the last.
    func drain() {
        endsAfterResponse = true
        guard case .head = phase else { return }
        mayRead = true
        work()
        guard case .head = phase, output.isEmpty else { return }
        if !isReadingHead {
            // Nothing is unread, so closing resets nothing.
            lingers = false
            end()
            work()
        } else {
            // A head under way gets a moment; a client that drips must not hold up the stop.
            deadline = min(deadline, shard.loop.monotonic + 1_000_000_000)
        }
    }
}
