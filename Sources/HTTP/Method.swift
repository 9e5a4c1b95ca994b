/// A request method (RFC 9110 §9). Case-sensitive.
package struct Method: Hashable, Sendable, CustomStringConvertible {
    package enum Known: UInt8, Sendable { case get, head, post, put, patch, delete, options, other }

    package let known: Known
    /// The name as sent.
    package let name: String

    private init(_ known: Known, _ name: String) {
        self.known = known
        self.name = name
    }

    /// `nil` unless the name is a token.
    package init?(_ name: String) {
        guard !name.isEmpty, name.utf8.allSatisfy({ Characters.lowerToken[Int($0)] != 0 }) else { return nil }
        self.init(trusted: Array(name.utf8).span)
    }

    /// The bytes are known to be a token.
    init(trusted bytes: Span<UInt8>) {
        switch bytes.count {
        case 3 where bytes.equals("GET"): self = .get
        case 3 where bytes.equals("PUT"): self = .put
        case 4 where bytes.equals("HEAD"): self = .head
        case 4 where bytes.equals("POST"): self = .post
        case 5 where bytes.equals("PATCH"): self = .patch
        case 6 where bytes.equals("DELETE"): self = .delete
        case 7 where bytes.equals("OPTIONS"): self = .options
        default: self.init(.other, bytes.string)
        }
    }

    package static var get: Self { Self(.get, "GET") }
    package static var head: Self { Self(.head, "HEAD") }
    package static var post: Self { Self(.post, "POST") }
    package static var put: Self { Self(.put, "PUT") }
    package static var patch: Self { Self(.patch, "PATCH") }
    package static var delete: Self { Self(.delete, "DELETE") }
    package static var options: Self { Self(.options, "OPTIONS") }

    package static func == (left: Self, right: Self) -> Bool {
        left.known == right.known && (left.known != .other || left.name == right.name)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(known)
        if known == .other { hasher.combine(name) }
    }

    package var description: String { name }
}
