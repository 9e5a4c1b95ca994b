package import HTTP
import Primitives

/// The place that a client wants tokens for (RFC 8707 §2, contract 50 §9).
package struct ResourceIndicator: Sendable, Equatable {
    package let address: WebAddress

    /// - Throws: `invalid_target` for more than one, for what is no absolute https URI (http for loopback), and for one
    ///   with a fragment or user information.
    package static func read(_ query: QueryString) throws(OAuthError) -> ResourceIndicator? {
        let values = query.values("resource").filter { !$0.isEmpty }
        guard let first = values.first else { return nil }
        guard values.count == 1, let indicator = ResourceIndicator(first) else {
            throw OAuthError(.invalidTarget, "resource must be one absolute https URI without a fragment")
        }
        return indicator
    }

    package init?(_ text: String) {
        guard let address = WebAddress(text), address.isAcceptable else { return nil }
        self.address = address
    }

    /// The path, in which one slash at the end means nothing; empty for the root.
    package var path: String {
        address.path.utf8.last == UInt8(ascii: "/") ? String(address.path.dropLast()) : address.path
    }

    /// Whether both name one place: scheme and host in any case, the default port written or not, one trailing slash or
    /// none.
    package func names(_ other: ResourceIndicator) -> Bool {
        address.origin == other.address.origin && path.utf8.elementsEqual(other.path.utf8)
            && address.query == other.address.query
    }
}
