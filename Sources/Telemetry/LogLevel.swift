/// How much an event matters, and which events are written.
package enum LogLevel: String, CaseIterable, Comparable, Sendable {
    case debug, info, warning, error

    @inlinable
    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }

    @usableFromInline
    var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}

/// For people or for machines.
package enum LogFormat: String, CaseIterable, Sendable { case text, json }
