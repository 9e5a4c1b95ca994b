import CLinux
import Glibc
import Primitives

/// A listening socket that no loop watches yet: made at once, so that errors show before anything else starts.
package struct BoundSocket: ~Copyable {
    /// The address in force: the port is the one the kernel chose when 0 was asked for.
    package let address: SocketAddress
    private let descriptor: Descriptor

    /// - Throws: ``SystemError``, for one ``SystemError/addressInUse``.
    package init(_ address: SocketAddress) throws(SystemError) {
        let descriptor = Descriptor(owning: try checked(clinux_stream_socket(address.ip.family.rawValue)))
        _ = try checked(clinux_bind(descriptor.number, address.raw))
        _ = try checked(clinux_listen(descriptor.number, 4096))
        var raw = clinux_address()
        _ = try checked(unsafe clinux_local_address(descriptor.number, &raw))
        guard let local = SocketAddress(raw) else { throw SystemError(code: EAFNOSUPPORT) }
        self.address = local
        self.descriptor = descriptor
    }

    /// Gives up the number of the listening descriptor, for ``Listener``.
    package consuming func release() -> CInt { descriptor.release() }
}

/// A listening TCP socket on one loop. Hands every accepted connection to `accept`, there.
package final class Listener: EventHandler {
    private let loop: EventLoop
    private var descriptor: Descriptor
    private let accept: (consuming Descriptor, SocketAddress) -> Void

    /// On the loop's thread only.
    package init(
        owning number: CInt, on loop: EventLoop, accept: @escaping (consuming Descriptor, SocketAddress) -> Void
    ) {
        descriptor = Descriptor(owning: number)
        self.loop = loop
        self.accept = accept
    }

    /// Accepts from now on.
    package func start() throws(SystemError) { try loop.register(descriptor, self) }

    /// Refuses connections from now on. On the loop's thread only.
    package func close() {
        guard descriptor.isOpen else { return }
        loop.deregister(descriptor)
        descriptor.close()
    }

    package func ready(_ events: Readiness) { acceptSome() }

    /// Accepts a bounded number, so that a flood of new connections does not delay the established ones.
    private func acceptSome() {
        guard descriptor.isOpen else { return }
        for _ in 0..<64 {
            var raw = clinux_address()
            let number = unsafe clinux_accept(descriptor.number, &raw)
            if number >= 0 {
                let peer = Descriptor(owning: number)
                guard let address = SocketAddress(raw) else { continue }
                accept(peer, address)
                continue
            }
            switch -number {
            case EAGAIN: return
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                // No edge will come for the connections already waiting, so look again once others had time to end.
                resume(after: .milliseconds(50))
                return
            default: continue  // the connection ended before it was accepted
            }
        }
        resume(after: .zero)
    }

    private func resume(after delay: Duration) {
        let bound = LoopBound(self, on: loop)
        loop.schedule(after: delay) { bound.value.acceptSome() }
    }
}
