/// A duration in the notation of the v4 API: one or more decimals with a unit (`300ms`, `2h45m`). The text is kept,
/// because it is returned exactly as sent.
package struct DurationText: Hashable, Sendable {
    package let text: String
    package let duration: Duration

    /// `nil` unless the text is one or more `<decimal><unit>` with unit `ns`, `us`, `µs`, `ms`, `s`, `m` or `h`, and the
    /// sum is at most 292 years.
    package init?(_ text: String) {
        if let whole = Self.whole(text) {
            self.text = text
            duration = whole
            return
        }
        var nanoseconds: Double = 0
        var rest = Substring(text)
        guard !rest.isEmpty, rest.utf8.count <= 64 else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard !digits.isEmpty, digits.first != ".", digits.last != ".", let value = Double(digits) else {
                return nil
            }
            rest = rest.dropFirst(digits.count)
            guard let unit = Self.units.first(where: { rest.hasPrefix($0.name) }) else { return nil }
            rest = rest.dropFirst(unit.name.count)
            nanoseconds += value * unit.nanoseconds
        }
        guard nanoseconds.isFinite, nanoseconds < 9.2e18 else { return nil }
        self.text = text
        duration = .nanoseconds(Int64(nanoseconds))
    }

    /// The usual form: a few digits and one of `s`, `m` and `h`.
    private static func whole(_ text: String) -> Duration? {
        let bytes = text.utf8
        guard (2...7).contains(bytes.count) else { return nil }
        var number: Int64 = 0
        for byte in bytes.dropLast() {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            number = number * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        switch bytes.last {
        case UInt8(ascii: "s"): return .seconds(number)
        case UInt8(ascii: "m"): return .seconds(number * 60)
        case UInt8(ascii: "h"): return .seconds(number * 3600)
        default: return nil
        }
    }

    /// Longer names first where one is the prefix of another.
    private static let units: [(name: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
    ]
}
