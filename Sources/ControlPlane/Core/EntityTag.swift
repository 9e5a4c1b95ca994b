import Crypto
import Domain
import Primitives

/// The strong entity tag of an answer (RFC 9110 §8.8.3): the version of its row and, where the answer shows what other
/// rows decide, a digest of that.
package struct EntityTag: Sendable, Equatable {
    /// With its quotes.
    package let text: String

    package init(version: Int) { text = "\"\(version)\"" }

    /// - Parameter shown: what the answer shows beside its row, in an order of its own; nothing at all adds nothing.
    package init(version: Int, with shown: [String]) {
        var bytes = CanonicalBytes()
        for text in shown { bytes.append(text) }
        let digest = Hex.encode(Array(SHA256.hash(bytes.bytes).bytes.prefix(8)))
        text = shown.isEmpty ? "\"\(version)\"" : "\"\(version)-\(digest)\""
    }
}
