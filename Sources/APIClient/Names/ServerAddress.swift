import HTTP

/// Which server a URL names, to decide what may be shown to it.
package struct ServerAddress: Equatable, Sendable {
    private let address: WebAddress?

    package init(_ url: String) { address = WebAddress(url) }

    /// The same scheme, host and port, whatever the path.
    package static func == (one: Self, other: Self) -> Bool {
        guard let one = one.address, let other = other.address else { return false }
        return one.scheme == other.scheme && one.host == other.host && one.port == other.port
    }

    /// Whether a token for this server may be presented to `other`: the same host, on any port, and never `http` for
    /// one that was used with `https`.
    package func mayShareToken(with other: ServerAddress) -> Bool {
        guard let address, let other = other.address else { return false }
        return address.host == other.host && (address.scheme == .http || other.scheme == .https)
    }
}
