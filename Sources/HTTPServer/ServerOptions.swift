package import EventLoops
package import HTTP

/// How a server listens and what it tolerates.
package struct ServerOptions: Sendable {
    /// PEM files of a certificate chain and its key.
    package struct TLS: Sendable {
        package var certificatePath: String
        package var keyPath: String

        package init(certificatePath: String, keyPath: String) {
            self.certificatePath = certificatePath
            self.keyPath = keyPath
        }
    }

    package struct Timeouts: Sendable {
        /// From the first byte of a head to its end; also for a whole TLS handshake.
        package var head = Duration.seconds(10)
        /// From the end of the head to the end of the body.
        package var body = Duration.seconds(30)
        /// Between requests, and before the first.
        package var idle = Duration.seconds(60)
        /// Without the client taking a byte of a response.
        package var writeStall = Duration.seconds(30)
        /// After the last response, until the client closes too.
        package var linger = Duration.seconds(2)

        package init() {}
    }

    package var address: SocketAddress
    /// Plain HTTP without it.
    package var tls: TLS?
    package var limits = RequestParser.Limits()
    package var timeouts = Timeouts()

    package init(address: SocketAddress, tls: TLS? = nil) {
        self.address = address
        self.tls = tls
    }
}

/// Why a server does not start.
package enum ServerError: Error, Sendable, CustomStringConvertible {
    /// The address is in use, not ours, or privileged.
    case cannotListen(SocketAddress, SystemError)
    /// Certificate or key are missing, malformed or do not belong together.
    case badCertificate(String)

    package var description: String {
        switch self {
        case .cannotListen(let address, let error): "cannot listen on \(address): \(error)"
        case .badCertificate(let reason): "cannot use the TLS certificate: \(reason)"
        }
    }
}
