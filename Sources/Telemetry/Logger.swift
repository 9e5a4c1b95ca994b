package import Primitives

/// Writes one line an event: a constant name and typed fields, no prose to parse.
///
/// Safe from every thread and without a lock: a line is built on the caller's stack and handed to the sink whole.
package final class Logger: Sendable {
    package let level: LogLevel
    package let format: LogFormat
    private let clock: any WallClock
    private let sink: any LogSink
    /// Fields of every event, before its own.
    private let bound: [LogField]

    package init(
        level: LogLevel = .info, format: LogFormat = .json, sink: any LogSink = DescriptorLogSink(),
        clock: any WallClock = SystemClock(), fields: [LogField] = []
    ) {
        self.level = level
        self.format = format
        self.sink = sink
        self.clock = clock
        bound = fields
    }

    /// A logger that adds fields to every event.
    package func adding(_ fields: LogField...) -> Logger {
        Logger(level: level, format: format, sink: sink, clock: clock, fields: bound + fields)
    }

    /// A logger that writes nothing, for tests.
    package static let silent = Logger(level: .error, sink: NoSink())

    /// Whether events of a level are written; ask before computing an expensive field.
    @inlinable
    package func writes(_ level: LogLevel) -> Bool { level >= self.level }

    @inlinable
    package func debug(_ event: StaticString, _ fields: LogField...) {
        if writes(.debug) { log(.debug, event, fields) }
    }

    @inlinable
    package func info(_ event: StaticString, _ fields: LogField...) {
        if writes(.info) { log(.info, event, fields) }
    }

    @inlinable
    package func warning(_ event: StaticString, _ fields: LogField...) {
        if writes(.warning) { log(.warning, event, fields) }
    }

    @inlinable
    package func error(_ event: StaticString, _ fields: LogField...) {
        if writes(.error) { log(.error, event, fields) }
    }

    package func log(_ level: LogLevel, _ event: StaticString, _ fields: [LogField]) {
        guard writes(level) else { return }
        let line = LogLine(time: clock.now, level: level, event: event, fields: bound.isEmpty ? fields : bound + fields)
        sink.write(line.bytes(format))
    }
}

private struct NoSink: LogSink {
    func write(_ line: [UInt8]) {}
}
