package import Crypto
package import EventLoops
import Primitives

/// Hands messages to a submission server, each over a connection of its own.
package final class SMTPSink: MailSink {
    package static let deadline = Duration.seconds(10)

    private let settings: SMTPSettings
    private let tls: TLSClientContext
    private let group: EventLoopGroup
    private let deadline: Duration
    private let exemptsLoopback: Bool

    /// - Parameters:
    ///   - group: where sockets live when a caller is on no loop.
    ///   - deadline: for a whole message, from resolving the name to the server's last word.
    ///   - exemptsLoopback: whether a server on this machine may do without the STARTTLS that `smtp://` demands; it gets no
    ///     password then.
    /// - Throws: ``MailError/tls(_:)`` when the authorities cannot be read.
    package init(
        _ settings: SMTPSettings, trust: TLSClientContext.Trust = .system, group: EventLoopGroup,
        deadline: Duration = SMTPSink.deadline, exemptsLoopback: Bool = true
    ) throws(MailError) {
        self.settings = settings
        self.group = group
        self.deadline = deadline
        self.exemptsLoopback = exemptsLoopback
        do throws(CryptoError) {
            // No protocol is negotiated: SMTP has no name for itself there (RFC 7301).
            tls = try TLSClientContext(trust: trust, applicationProtocol: nil)
        } catch {
            throw MailError(error)
        }
    }

    package func send(_ message: MailMessage) async throws(MailError) {
        let loop = EventLoop.current ?? group.next()
        let deadline = Deadline(after: deadline)
        let (socket, address) = try await connect(on: loop, deadline)
        defer { socket.close() }
        var session = SMTPSession(
            SMTPTransport(socket, deadline), settings,
            needsEncryption: !(exemptsLoopback && address.ip.isLoopback))
        // Submission servers accept any name in ASCII, and the domain of the sender is one that can be looked up.
        let domain = message.from.domain
        try await session.deliver(message, tls, as: domain.utf8.allSatisfy { $0 < 0x80 } ? domain : "[127.0.0.1]")
    }

    /// Tries the addresses of the host in turn, each with its share of the time left.
    private func connect(
        on loop: EventLoop, _ deadline: Deadline
    ) async throws(MailError) -> (StreamSocket, SocketAddress) {
        do throws(SocketError) {
            let addresses = try await Resolver.resolve(
                host: settings.host, port: settings.port, on: loop, deadline: try deadline.remaining())
            var failure = SocketError.unresolved("no address")
            for (index, address) in addresses.enumerated() {
                do throws(SocketError) {
                    let share = try deadline.remaining() / (addresses.count - index)
                    return (try await StreamSocket.connect(to: address, on: loop, deadline: share), address)
                } catch {
                    failure = error
                    if error == .cancelled { break }
                }
            }
            throw failure
        } catch {
            throw MailError(error)
        }
    }
}
