import CLinux
import Glibc
import Primitives
import Synchronization

/// Name resolution by the system (`getaddrinfo`), on a helper thread because it blocks.
package enum Resolver {
    /// The stream addresses of `host` in the order of preference; a literal address (also in brackets) is answered at once.
    /// Names below `localhost` are this machine whatever the system knows of them (RFC 6761 §6.3).
    ///
    /// - Parameters:
    ///   - loop: where the deadline is kept; without one the system's own time limits apply.
    ///   - deadline: how long to wait, from now. The helper thread ends by itself later.
    /// - Throws: ``SocketError/unresolved(_:)``, ``SocketError/timedOut``.
    package static func resolve(
        host: String, port: UInt16, on loop: EventLoop? = EventLoop.current, deadline: Duration = .seconds(10)
    ) async throws(SocketError) -> [SocketAddress] {
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        if let ip = IPAddress(bare) { return [SocketAddress(ip: ip, port: port)] }
        if host.lowercased().hasSuffix(".localhost"), let v4 = IPAddress("127.0.0.1"), let v6 = IPAddress("::1") {
            return [SocketAddress(ip: v4, port: port), SocketAddress(ip: v6, port: port)]
        }
        guard !host.isEmpty, !host.utf8.contains(0) else { throw .unresolved("invalid host name") }
        let outcome: Result<[SocketAddress], SocketError> = await withCheckedContinuation { continuation in
            let once = Once(continuation)
            let timer = loop?.schedule(after: deadline) { once.finish(.failure(.timedOut)) }
            do throws(SystemError) {
                try HelperThread.detach(name: "resolver") {
                    once.finish(lookUp(host, port))
                    if let timer { loop?.cancel(timer) }
                }
            } catch {
                once.finish(.failure(.system(error)))
            }
        }
        return try outcome.get()
    }

    private static func lookUp(_ host: String, _ port: UInt16) -> Result<[SocketAddress], SocketError> {
        var found = [clinux_address](repeating: clinux_address(), count: 16)
        let count = unsafe clinux_resolve(host, port, &found, 16)
        guard count >= 0 else {
            let text = unsafe gai_strerror(count + 10_000)
            return .failure(.unresolved(unsafe text.map { unsafe String(cString: $0) } ?? "unknown host"))
        }
        return .success(found.prefix(Int(count)).compactMap { SocketAddress($0) })
    }

    private final class Once: Sendable {
        private let continuation: Mutex<CheckedContinuation<Result<[SocketAddress], SocketError>, Never>?>

        init(_ continuation: CheckedContinuation<Result<[SocketAddress], SocketError>, Never>) {
            self.continuation = Mutex(continuation)
        }

        func finish(_ result: Result<[SocketAddress], SocketError>) {
            let waiting = continuation.withLock { waiting in
                defer { waiting = nil }
                return waiting
            }
            waiting?.resume(returning: result)
        }
    }
}
