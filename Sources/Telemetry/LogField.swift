package import Primitives

/// One named value of an event. Names are constants, so that a value can never become a name.
package struct LogField: Sendable {
    enum Value: Sendable {
        case string(String)
        case integer(Int64)
        case double(Double)
        case bool(Bool)
        case milliseconds(Duration)
        case hexadecimal(UInt64)
        case time(Timestamp)
        case null
    }

    let name: StaticString
    let value: Value

    package static func string(_ name: StaticString, _ value: String) -> LogField {
        LogField(name: name, value: .string(value))
    }

    /// `null` in JSON and `-` in text when there is nothing to say.
    package static func string(_ name: StaticString, _ value: String?) -> LogField {
        LogField(name: name, value: value.map { .string($0) } ?? .null)
    }

    package static func int(_ name: StaticString, _ value: Int) -> LogField {
        LogField(name: name, value: .integer(Int64(value)))
    }

    package static func int(_ name: StaticString, _ value: Int64) -> LogField {
        LogField(name: name, value: .integer(value))
    }

    package static func double(_ name: StaticString, _ value: Double) -> LogField {
        LogField(name: name, value: .double(value))
    }

    package static func bool(_ name: StaticString, _ value: Bool) -> LogField {
        LogField(name: name, value: .bool(value))
    }

    /// A number of milliseconds with three decimals; the name should end in `_ms`.
    package static func duration(_ name: StaticString, _ value: Duration) -> LogField {
        LogField(name: name, value: .milliseconds(value))
    }

    /// Sixteen hexadecimal digits, such as a request id.
    package static func hex(_ name: StaticString, _ value: UInt64) -> LogField {
        LogField(name: name, value: .hexadecimal(value))
    }

    package static func id<Entity>(_ name: StaticString, _ value: Identifier<Entity>) -> LogField {
        LogField(name: name, value: .string(value.hex))
    }

    package static func time(_ name: StaticString, _ value: Timestamp) -> LogField {
        LogField(name: name, value: .time(value))
    }
}
