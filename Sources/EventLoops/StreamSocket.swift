import CLinux
import Glibc
import Primitives

/// A TCP connection used by one task at a time, for clients and tests. Operations may be called from any thread; the
/// work happens on `loop`. At most one read and one write may be under way.
///
/// A failed, late or cancelled operation closes the socket, because its place in the stream is then unknown.
package final class StreamSocket: Sendable {
    package let loop: EventLoop
    private let core: LoopBound<StreamCore>

    private init(_ core: LoopBound<StreamCore>) {
        self.core = core
        loop = core.loop
    }

    deinit { core.run { $0.fail(.closed) } }

    /// Connects within `deadline` from now.
    ///
    /// - Throws: ``SocketError/refused``, ``SocketError/unreachable``, ``SocketError/timedOut``, ``SocketError/cancelled``.
    package static func connect(
        to address: SocketAddress, on loop: EventLoop, deadline: Duration
    ) async throws(SocketError) -> StreamSocket {
        let outcome: Result<StreamSocket, SocketError> = await withCheckedContinuation { continuation in
            let open: @Sendable () -> Void = {
                let core = StreamCore(on: loop)
                let bound = LoopBound(core, on: loop)
                core.connect(to: address, deadline) { result in
                    continuation.resume(returning: result.map { StreamSocket(bound) })
                }
            }
            if loop.isCurrent { open() } else { loop.execute(open) }
        }
        if Task.isCancelled { throw .cancelled }
        return try outcome.get()
    }

    /// Takes over a connection that a ``Listener`` accepted. On the loop's thread only.
    package static func accepted(
        _ descriptor: consuming Descriptor, on loop: EventLoop
    ) throws(SystemError) -> StreamSocket {
        let core = StreamCore(on: loop)
        try core.adopt(descriptor)
        return StreamSocket(LoopBound(core, on: loop))
    }

    /// The next bytes, at most `limit`; empty at the end of the stream.
    package func read(atMost limit: Int = 65_536, deadline: Duration) async throws(SocketError) -> [UInt8] {
        try await perform { core, finish in core.read(limit, deadline, finish) }
    }

    /// Returns once the kernel has taken all bytes.
    package func write(_ bytes: [UInt8], deadline: Duration) async throws(SocketError) {
        _ = try await perform { core, finish in
            core.write(bytes, deadline) { finish($0.map { [] }) }
        }
    }

    /// Ends the outgoing half.
    package func finishSending() { core.run { $0.finishSending() } }

    /// Ends both halves; operations under way fail with ``SocketError/closed``.
    package func close() { core.run { $0.fail(.closed) } }

    private func perform(
        _ start: @escaping @Sendable (StreamCore, @escaping (Result<[UInt8], SocketError>) -> Void) -> Void
    ) async throws(SocketError) -> [UInt8] {
        let outcome: Result<[UInt8], SocketError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                core.run { start($0) { continuation.resume(returning: $0) } }
            }
        } onCancel: {
            core.run { $0.fail(.cancelled) }
        }
        return try outcome.get()
    }
}

/// The state of a stream socket, on its loop.
private final class StreamCore: EventHandler {
    private let loop: EventLoop
    private var descriptor = Descriptor(owning: -1)
    private var failure: SocketError?
    private var connecting: Waiter<Void>?
    private var reading: Waiter<[UInt8]>?
    private var readLimit = 0
    private var writing: Waiter<Void>?
    private var output: [UInt8] = []
    private var sent = 0

    /// Someone to tell once, and the timer that limits the wait.
    private struct Waiter<Value> {
        let finish: (Result<Value, SocketError>) -> Void
        let timer: TimerToken
    }

    init(on loop: EventLoop) { self.loop = loop }

    func connect(
        to address: SocketAddress, _ deadline: Duration, _ finish: @escaping (Result<Void, SocketError>) -> Void
    ) {
        do throws(SystemError) {
            descriptor = Descriptor(owning: try checked(clinux_stream_socket(address.ip.family.rawValue)))
            descriptor.disableDelay()
            let result = clinux_connect(descriptor.number, address.raw)
            guard result >= 0 || result == -EINPROGRESS else { throw SystemError(code: -result) }
            connecting = Waiter(finish: finish, timer: expire(after: deadline))
            try loop.register(descriptor, self)
            // A connection made at once reports its edge like any other.
        } catch {
            connecting = nil
            fail(SocketError(error))
            finish(.failure(SocketError(error)))
        }
    }

    func adopt(_ descriptor: consuming Descriptor) throws(SystemError) {
        self.descriptor = descriptor
        self.descriptor.disableDelay()
        try loop.register(self.descriptor, self)
    }

    func read(_ limit: Int, _ deadline: Duration, _ finish: @escaping (Result<[UInt8], SocketError>) -> Void) {
        guard failure == nil, reading == nil else { return finish(.failure(failure ?? .closed)) }
        reading = Waiter(finish: finish, timer: expire(after: deadline))
        readLimit = max(1, limit)
        continueReading()
    }

    func write(_ bytes: [UInt8], _ deadline: Duration, _ finish: @escaping (Result<Void, SocketError>) -> Void) {
        guard failure == nil, writing == nil else { return finish(.failure(failure ?? .closed)) }
        writing = Waiter(finish: finish, timer: expire(after: deadline))
        output = bytes
        sent = 0
        continueWriting()
    }

    func finishSending() { if descriptor.isOpen { descriptor.finishSending() } }

    func fail(_ error: SocketError) {
        guard failure == nil else { return }
        failure = error
        if descriptor.isOpen {
            loop.deregister(descriptor)
            descriptor.close()
        }
        if let waiter = take(&connecting) { waiter.finish(.failure(error)) }
        if let waiter = take(&reading) { waiter.finish(.failure(error)) }
        if let waiter = take(&writing) { waiter.finish(.failure(error)) }
        output = []
    }

    func ready(_ events: Readiness) {
        if connecting != nil {
            let result = clinux_socket_error(descriptor.number)
            guard result == 0 else { return fail(SocketError(SystemError(code: -result))) }
            guard events.contains(.writable) else { return }
            take(&connecting)?.finish(.success(()))
            return
        }
        if reading != nil { continueReading() }
        if writing != nil { continueWriting() }
    }

    private func continueReading() {
        let descriptor = self.descriptor.number
        var outcome = Transfer.wouldBlock
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: readLimit) { buffer, count in
            outcome = unsafe Transfer(clinux_receive(descriptor, buffer.baseAddress, buffer.count))
            if case .moved(let moved) = outcome { count = moved }
        }
        switch outcome {
        case .moved: take(&reading)?.finish(.success(bytes))
        case .wouldBlock: return
        case .failed(let error): fail(SocketError(error))
        }
    }

    private func continueWriting() {
        while sent < output.count {
            let outcome = unsafe output.withUnsafeBytes { bytes in
                unsafe descriptor.send(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
            }
            switch outcome {
            case .moved(let count): sent += count
            case .wouldBlock: return
            case .failed(let error): return fail(SocketError(error))
            }
        }
        output = []
        take(&writing)?.finish(.success(()))
    }

    private func expire(after deadline: Duration) -> TimerToken {
        let bound = LoopBound(self, on: loop)
        return loop.schedule(after: deadline) { bound.value.fail(.timedOut) }
    }

    private func take<Value>(_ waiter: inout Waiter<Value>?) -> Waiter<Value>? {
        guard let taken = waiter else { return nil }
        waiter = nil
        loop.cancel(taken.timer)
        return taken
    }
}
