/// Removes the chunked transfer coding (RFC 9112 §7.1), strictly and byte by byte restartable. Extensions and trailers are
/// checked and dropped.
package struct ChunkedDecoder: Sendable {
    package enum Outcome: Equatable, Sendable {
        /// All offered bytes are used and the body goes on.
        case needMore
        /// The body is complete; this many bytes were used.
        case complete(consumed: Int)
        case malformed(Fault)
        /// The content grew over the limit.
        case tooLarge
    }

    private enum State {
        case size, sizeExtension, sizeEnd, data, dataReturn, dataEnd
        case trailerStart, trailer, trailerEnd, finalEnd
    }

    private var state = State.size
    private var size = 0
    private var digits = 0
    /// Bytes of the extensions or trailers so far.
    private var overhead = 0
    private var trailerLine: [UInt8] = []

    private static let maximumLine = 1024
    private static let maximumTrailers = 8192

    package init() {}

    /// Appends the content of `input` to `body`, which may hold up to `limit` bytes.
    package mutating func decode(_ input: Span<UInt8>, into body: inout [UInt8], limit: Int) -> Outcome {
        input.withUnsafeBufferPointer { input in
            var position = 0
            do throws(Fault) {
                while position < input.count {
                    if state == .data {
                        let count = min(size, input.count - position)
                        guard body.count + count <= limit else { return .tooLarge }
                        body.append(contentsOf: UnsafeBufferPointer(rebasing: input[position..<position + count]))
                        position += count
                        size -= count
                        if size == 0 { state = .dataReturn }
                        continue
                    }
                    let byte = input[position]
                    position += 1
                    if try step(byte) { return .complete(consumed: position) }
                    if state == .data, body.count + size > limit { return .tooLarge }
                }
                return .needMore
            } catch {
                return .malformed(error)
            }
        }
    }

    /// Handles one byte outside the data; `true` at the end of the body.
    private mutating func step(_ byte: UInt8) throws(Fault) -> Bool {
        switch state {
        case .size:
            if let value = Characters.hexValue(byte) {
                digits += 1
                guard digits <= 15 else { throw .bad("chunk too large") }
                size = size << 4 | Int(value)
            } else if digits > 0, byte == 13 {
                state = .sizeEnd
            } else if digits > 0, byte == UInt8(ascii: ";") {
                state = .sizeExtension
                overhead = 0
            } else {
                throw .bad("malformed chunk size")
            }
        case .sizeExtension:
            overhead += 1
            guard overhead <= Self.maximumLine else { throw .bad("chunk extension too long") }
            if byte == 13 {
                state = .sizeEnd
            } else if Characters.fieldValue[Int(byte)] == 0 {
                throw .bad("control character in a chunk extension")
            }
        case .sizeEnd:
            try expect(byte, 10)
            digits = 0
            overhead = 0
            state = size == 0 ? .trailerStart : .data
        case .dataReturn:
            try expect(byte, 13)
            state = .dataEnd
        case .dataEnd:
            try expect(byte, 10)
            state = .size
        case .trailerStart:
            if byte == 13 {
                state = .finalEnd
            } else {
                guard byte != 10 else { throw .bad("bare line feed") }
                trailerLine = [byte]
                overhead += 1
                state = .trailer
            }
        case .trailer:
            overhead += 1
            guard overhead <= Self.maximumTrailers else { throw Fault(.headerFieldsTooLarge, "trailers too large") }
            if byte == 13 {
                state = .trailerEnd
            } else {
                guard byte != 10 else { throw .bad("bare line feed") }
                trailerLine.append(byte)
            }
        case .trailerEnd:
            try expect(byte, 10)
            try checkTrailer()
            state = .trailerStart
        case .finalEnd:
            try expect(byte, 10)
            return true
        case .data: break
        }
        return false
    }

    private func expect(_ byte: UInt8, _ wanted: UInt8) throws(Fault) {
        guard byte == wanted else { throw .bad("malformed chunk") }
    }

    private mutating func checkTrailer() throws(Fault) {
        let range = 0..<trailerLine.count
        try trailerLine.withUnsafeMutableBufferPointer { (line) throws(Fault) in
            try FieldTables.with { (tables) throws(Fault) in _ = try FieldLine(line, range, tables) }
        }
    }
}
