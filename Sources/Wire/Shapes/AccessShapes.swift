import Domain
import JSON
import Primitives

/// Shapes that several Access resources share.
extension Shape {
    /// A URL, or empty text for none, as forms send it.
    static let optionalURL = Shape.checked(
        { $0.isEmpty || $0.isSecureURL }, "an absolute https URL (http only with a loopback host)")

    /// `host[/path]` in canonical spelling.
    static let destination = Shape.rewritten("a host with an optional path, such as app.example.com/admin") {
        PublicDestination($0)?.text
    }

    /// Durations of multi-factor settings: `0m` to 30 days.
    static let factorDuration = Shape.duration(.zero ... .seconds(720 * 3600), or: [])

    /// The length of access tokens: a minute to a day.
    static let accessTokenLifetime = Shape.duration(.seconds(60) ... .seconds(86_400), or: [])

    /// Text that a rule turns into its canonical spelling, or refuses with `nil`.
    static func rewritten(_ expectation: String, _ rule: @escaping @Sendable (String) -> String?) -> Shape {
        .custom(
            { value, pointer, problems in
                guard let text = value.stringValue else {
                    problems.append(FieldProblem(pointer, "must be a string: \(expectation)"))
                    return .null
                }
                guard let canonical = rule(text.trimmedOfSpace) else {
                    problems.append(FieldProblem(pointer, "must be \(expectation)"))
                    return .null
                }
                return .string(canonical)
            }, expectation)
    }
}

extension JSONWriter {
    mutating func member<Entity>(_ key: StaticString, long identifier: LongIdentifier<Entity>) {
        self.key(key)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { buffer in
            value(utf8: UnsafeBufferPointer(rebasing: buffer[..<identifier.writeHex(to: buffer)]))
        }
    }
}
