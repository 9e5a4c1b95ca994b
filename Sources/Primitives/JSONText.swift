/// One complete JSON value as UTF-8 text, already known to be valid. Stored documents travel from row to wire in this
/// form: spliced, never parsed again.
///
/// Whoever creates one vouches for it: the JSON writer, or a column that only ever received the writer's output.
package struct JSONText: Hashable, Sendable {
    package let text: String

    @inlinable
    package init(trusted text: String) { self.text = text }

    package static let emptyObject = JSONText(trusted: "{}")
    package static let emptyArray = JSONText(trusted: "[]")
    package static let null = JSONText(trusted: "null")
}
