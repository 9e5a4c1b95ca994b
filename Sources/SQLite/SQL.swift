/// SQL text written in the program. Its interpolation takes only other `SQL`, so no value can be pasted into a
/// statement: values are bound.
///
/// Two equal texts share one prepared statement per connection. A `static let` on a busy path also saves composing and
/// hashing the text again.
@usableFromInline
package struct SQL: Sendable, Hashable {
    package let text: String
    /// Kept so that looking up a prepared statement does not walk the text.
    @usableFromInline let digest: Int

    init(trusted text: String) {
        self.text = text
        digest = Self.digest(of: text)
    }

    /// Eight bytes a step: literals are hashed each time that they are used, and nobody else chooses them.
    private static func digest(of text: String) -> Int {
        var text = text
        return text.withUTF8 { bytes in
            var hash = UInt64(truncatingIfNeeded: bytes.count)
            let raw = UnsafeRawBufferPointer(bytes)
            var position = 0
            while position < raw.count {
                var word: UInt64 = 0
                if position + 8 <= raw.count {
                    word = unsafe raw.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                } else {
                    for offset in position..<raw.count { word = word << 8 | UInt64(unsafe raw[offset]) }
                }
                let product = (hash ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
                hash = product.high ^ product.low
                position += 8
            }
            return Int(truncatingIfNeeded: hash)
        }
    }

    @usableFromInline
    package static func == (left: SQL, right: SQL) -> Bool {
        left.digest == right.digest && left.text == right.text
    }

    @usableFromInline
    package func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}

extension SQL: ExpressibleByStringInterpolation {
    @usableFromInline
    package init(stringLiteral text: String) { self.init(trusted: text) }

    @usableFromInline
    package init(stringInterpolation fragments: Fragments) { self.init(trusted: fragments.text) }

    @usableFromInline
    package struct Fragments: StringInterpolationProtocol {
        var text = ""

        @usableFromInline
        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 64)
        }

        @usableFromInline
        package mutating func appendLiteral(_ literal: String) { text += literal }

        @usableFromInline
        package mutating func appendInterpolation(_ fragment: SQL) { text += fragment.text }
    }
}

extension SQL {
    /// Both texts, one after the other.
    package static func + (left: SQL, right: SQL) -> SQL { SQL(trusted: left.text + right.text) }

    /// `count` placeholders, `?, ?, ?`, for the inside of `IN (…)` or `VALUES (…)`.
    package static func placeholders(_ count: Int) -> SQL {
        SQL(trusted: Array(repeating: "?", count: count).joined(separator: ", "))
    }
}

extension SQL: CustomStringConvertible {
    @usableFromInline
    package var description: String { text }
}

extension Sequence<SQL> {
    /// All fragments, with `separator` between neighbours.
    package func joined(separator: SQL) -> SQL {
        SQL(trusted: map(\.text).joined(separator: separator.text))
    }
}
