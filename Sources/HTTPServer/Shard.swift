import Crypto
import EventLoops
import HTTP
import Primitives
import Synchronization

/// The part of a server that lives on one loop: its handler, its connections and the buffers they share.
final class Shard {
    let loop: EventLoop
    let options: ServerOptions
    let handler: any RequestHandler
    let state: ServerState
    let limits: TimeLimits
    /// Where every connection's bytes arrive; what is not used at once moves to the connection.
    let scratch: UnsafeMutableRawBufferPointer
    /// Buffers for responses, lent to the connections at work.
    var spareOutputs: [[UInt8]] = []
    /// Connections whose responses leave together, and when the first of them was ready.
    private var unsent: [Connection] = []
    private var firstUnsent: Int64 = 0
    /// Where decrypted bytes arrive.
    var plaintext: [UInt8] = []
    private(set) var isDraining = false
    private var connections: [Connection] = []
    private var whenEmpty: (() -> Void)?
    private var sweepTimer: TimerToken?
    private var dateSecond = Int64.min
    private var dateText: [UInt8] = []
    private var random = SplitMix(seed: .random(in: 0 ... .max))

    static let scratchSize = 64 * 1024

    init(on loop: EventLoop, _ options: ServerOptions, _ state: ServerState, _ handler: any RequestHandler) {
        self.loop = loop
        self.options = options
        self.state = state
        self.handler = handler
        limits = TimeLimits(options.timeouts)
        scratch = .allocate(byteCount: Self.scratchSize, alignment: 16)
        scheduleSweep()
        let bound = LoopBound(self, on: loop)
        loop.onBatchEnd { bound.value.sendDeferred() }
    }

    deinit { scratch.deallocate() }

    // MARK: Connections

    func adopt(_ descriptor: consuming Descriptor, from peer: SocketAddress) {
        guard !isDraining else { return }
        var tls: TLSTransport?
        if options.tls != nil {
            do throws(CryptoError) {
                guard let context = state.tls.withLock({ $0 }) else { return }
                tls = try TLSTransport(context)
            } catch {
                return  // no memory: plain text must never leave a TLS port
            }
        }
        let connection = Connection(descriptor, peer.ip, tls, self)
        connection.index = connections.count
        connections.append(connection)
        state.open.wrappingAdd(1, ordering: .relaxed)
        connection.start()
    }

    func forget(_ connection: Connection) {
        let index = connection.index
        guard index >= 0 else { return }
        let last = connections.removeLast()
        if last !== connection {
            connections[index] = last
            last.index = index
        }
        connection.index = -1
        state.open.wrappingSubtract(1, ordering: .relaxed)
        if connections.isEmpty, let done = whenEmpty {
            whenEmpty = nil
            done()
        }
    }

    // MARK: Time limits

    /// One coarse sweep instead of a timer for each connection: setting a deadline is a single store.
    private func scheduleSweep() {
        let timeouts = options.timeouts
        let shortest = min(timeouts.head, timeouts.body, timeouts.idle, timeouts.writeStall, timeouts.linger)
        let interval = min(.seconds(1), max(.milliseconds(5), shortest / 4))
        let bound = LoopBound(self, on: loop)
        sweepTimer = loop.schedule(after: interval) {
            bound.value.sweep()
        }
    }

    private func sweep() {
        let now = loop.monotonic
        // Backwards, since expiring removes: the last connection takes the place of the removed one and was already seen.
        for index in stride(from: connections.count - 1, through: 0, by: -1) where index < connections.count {
            if connections[index].deadline <= now { connections[index].expire() }
        }
        if !(isDraining && connections.isEmpty) { scheduleSweep() }
    }

    // MARK: Draining

    /// Lets requests in flight finish, closes everything else, and calls `done` when no connection is left or `limit` has
    /// passed.
    func drain(within limit: Duration, _ done: @escaping () -> Void) {
        isDraining = true
        whenEmpty = done
        for connection in connections { connection.drain() }
        if connections.isEmpty, let done = whenEmpty {
            whenEmpty = nil
            done()
            return
        }
        let bound = LoopBound(self, on: loop)
        loop.schedule(after: limit) {
            for connection in bound.value.connections { connection.close() }
        }
    }

    // MARK: Sending together

    /// How many responses, and how many nanoseconds, one may wait for the others.
    private static let deferrals = 16
    private static let longestDeferral: Int64 = 200_000

    /// Whether the shard will send the connection's output, at the end of the turn at the latest.
    ///
    /// A send wakes a client that sleeps, which costs the sender more than the sending (12 µs on a virtual machine).
    /// Responses that leave together find clients awake: those of one proxy, one load generator, one machine.
    func defersSending(of connection: Connection) -> Bool {
        if unsent.isEmpty {
            firstUnsent = connection.answered
        } else if unsent.count >= Self.deferrals || connection.answered - firstUnsent > Self.longestDeferral {
            sendDeferred()
            return false
        }
        unsent.append(connection)
        return true
    }

    private func sendDeferred() {
        guard !unsent.isEmpty else { return }
        let leaving = unsent
        unsent.removeAll(keepingCapacity: true)
        for connection in leaving { connection.leave() }
    }

    /// Takes a response's buffer back for the next one.
    func keep(_ buffer: consuming [UInt8]) {
        guard spareOutputs.count <= Self.deferrals, buffer.capacity <= Self.largestSpare else { return }
        buffer.removeAll(keepingCapacity: true)
        spareOutputs.append(buffer)
    }

    private static let largestSpare = 64 * 1024

    // MARK: Shared by all responses

    /// The `date` field line, made once a second.
    var dateLine: [UInt8] {
        let now = loop.now
        if now.seconds != dateSecond {
            dateSecond = now.seconds
            dateText = ResponseEncoder.dateLine(now.httpDate)
        }
        return dateText
    }

    func nextRay() -> UInt64 { random.next() }
}

/// The timeouts in nanoseconds, converted once.
struct TimeLimits {
    let head, body, idle, writeStall, linger: Int64

    init(_ timeouts: ServerOptions.Timeouts) {
        head = timeouts.head.wholeNanoseconds
        body = timeouts.body.wholeNanoseconds
        idle = timeouts.idle.wholeNanoseconds
        writeStall = timeouts.writeStall.wholeNanoseconds
        linger = timeouts.linger.wholeNanoseconds
    }
}

/// Numbers that differ, fast; not secrets.
private struct SplitMix {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
