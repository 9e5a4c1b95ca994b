/// The text exposition format 0.0.4 of Prometheus, written line by line.
struct MetricText {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(64 * 1024) }

    mutating func header(_ definition: MetricDefinition) {
        bytes += "# HELP \(definition.name) \(Self.escaped(definition.help, quotes: false))\n".utf8
        bytes += "# TYPE \(definition.name) \(definition.kind.rawValue)\n".utf8
    }

    mutating func sample(_ prefix: [UInt8], _ value: UInt64) {
        bytes.append(contentsOf: prefix)
        digits(value)
        bytes.append(UInt8(ascii: "\n"))
    }

    mutating func sample(_ prefix: [UInt8], _ value: Int64) {
        bytes.append(contentsOf: prefix)
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        digits(value.magnitude)
        bytes.append(UInt8(ascii: "\n"))
    }

    mutating func sample(_ prefix: [UInt8], _ value: Double) {
        sample(prefix, text: value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Inf" : "+Inf") : String(value))
    }

    mutating func sample(_ prefix: [UInt8], text: String) {
        bytes.append(contentsOf: prefix)
        bytes += text.utf8
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func digits(_ value: UInt64) {
        if value < 10 {
            bytes.append(UInt8(ascii: "0") + UInt8(value))
            return
        }
        let start = bytes.count
        var rest = value
        while rest > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        }
        bytes[start...].reverse()
    }

    // MARK: Made once for each series

    /// `name{labels} `, everything before the value.
    static func prefix(_ name: String, _ labelText: String) -> [UInt8] {
        Array((labelText.isEmpty ? name + " " : "\(name){\(labelText)} ").utf8)
    }

    /// `route="/healthz",status="200"`.
    static func labels(_ names: [String], _ values: [String]) -> String {
        zip(names, values).map { "\($0)=\"\(escaped($1, quotes: true))\"" }.joined(separator: ",")
    }

    static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": escaped.append(contentsOf: "\\n".unicodeScalars)
            case "\"" where quotes: escaped.append(contentsOf: "\\\"".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    /// Exact decimal seconds without trailing zeros: `0.00025`, `2.5`, `10`.
    static func seconds(nanoseconds: UInt64) -> String {
        let fraction = nanoseconds % 1_000_000_000
        var text = String(nanoseconds / 1_000_000_000)
        guard fraction > 0 else { return text }
        let digits = String(fraction)
        var decimals = String(repeating: "0", count: 9 - digits.utf8.count) + digits
        while decimals.last == "0" { decimals.removeLast() }
        text += "." + decimals
        return text
    }
}
