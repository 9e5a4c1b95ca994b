/// An instant: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let microseconds: Int64

    @inlinable
    package init(microseconds: Int64) { self.microseconds = microseconds }

    @inlinable
    package init(seconds: Int64) { microseconds = seconds * 1_000_000 }

    /// Whole seconds, rounded down.
    @inlinable
    package var seconds: Int64 {
        let quotient = microseconds / 1_000_000
        return microseconds % 1_000_000 < 0 ? quotient - 1 : quotient
    }

    @inlinable
    package static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }

    @inlinable
    package static func + (instant: Self, duration: Duration) -> Self {
        Self(microseconds: instant.microseconds + duration.wholeMicroseconds)
    }

    @inlinable
    package static func - (instant: Self, duration: Duration) -> Self {
        Self(microseconds: instant.microseconds - duration.wholeMicroseconds)
    }

    @inlinable
    package static func - (later: Self, earlier: Self) -> Duration {
        .microseconds(later.microseconds - earlier.microseconds)
    }
}

extension Timestamp {
    /// How much clocks may differ, and one clock from itself.
    package static let clockSkew = Duration.seconds(60)

    /// Whether what lasts for `lifetime` and ends at this instant is in force. It is not when it is over, nor when it ends
    /// so late that it began in the future: then the clock was set back since, and nobody knows when it was made.
    package func isAhead(of now: Timestamp, byAtMost lifetime: Duration) -> Bool {
        self > now && self - now <= lifetime + Self.clockSkew
    }

    /// Whether something that happened at this instant did so within a time before `now`. What happened in the future
    /// happened under a clock that was set back since.
    package func isWithin(_ span: Duration, before now: Timestamp) -> Bool {
        self <= now + Self.clockSkew && now - self < span
    }
}

extension Duration {
    /// Rounded towards zero.
    @inlinable
    package var wholeMicroseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }

    /// Rounded towards zero.
    @inlinable
    package var wholeSeconds: Int64 { components.seconds }
}
