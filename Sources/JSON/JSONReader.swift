/// The recursive descent behind ``JSONParser``: one pass over bytes, no characters. Every read is bounds checked by `Span`.
///
/// The first duplicate key is remembered and thrown at the end, so that a text that is not JSON at all is reported as that.
struct JSONReader {
    private let limits: JSONLimits
    private var position = 0
    private var depth = 0
    private var duplicate: JSONError?

    init(limits: JSONLimits) { self.limits = limits }

    mutating func document(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
        let value = try value(bytes)
        skipWhitespace(bytes)
        guard position == bytes.count else { throw JSONError(.trailingBytes, at: position) }
        if let duplicate { throw duplicate }
        return value
    }
}

// MARK: - Structure

extension JSONReader {
    private mutating func value(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
        skipWhitespace(bytes)
        switch try peek(bytes) {
        case UInt8(ascii: "\""): return .string(try string(bytes))
        case UInt8(ascii: "{"): return .object(try object(bytes))
        case UInt8(ascii: "["): return .array(try array(bytes))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number(bytes))
        case UInt8(ascii: "t"):
            try literal("true", bytes)
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal("false", bytes)
            return .bool(false)
        case UInt8(ascii: "n"):
            try literal("null", bytes)
            return .null
        default: throw JSONError(.unexpectedByte, at: position)
        }
    }

    private mutating func object(_ bytes: Span<UInt8>) throws(JSONError) -> JSONObject {
        try descend()
        var members: [JSONObject.Member] = []
        var seen: Set<KeyBytes> = []
        position += 1
        skipWhitespace(bytes)
        if try peek(bytes) == UInt8(ascii: "}") {
            ascend()
            return JSONObject(unique: members)
        }
        members.reserveCapacity(8)
        while true {
            skipWhitespace(bytes)
            let start = position
            guard try peek(bytes) == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: position) }
            let key = try string(bytes)
            if isRepeated(key, in: members, seen: &seen), duplicate == nil {
                duplicate = JSONError(.duplicateKey, at: start, key: key)
            }
            skipWhitespace(bytes)
            guard try peek(bytes) == UInt8(ascii: ":") else { throw JSONError(.unexpectedByte, at: position) }
            position += 1
            guard members.count < limits.maxMembers else { throw JSONError(.tooManyMembers, at: start) }
            members.append(JSONObject.Member(key: key, value: try value(bytes)))
            skipWhitespace(bytes)
            switch try peek(bytes) {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                ascend()
                return JSONObject(unique: members)
            default: throw JSONError(.unexpectedByte, at: position)
            }
        }
    }

    private mutating func array(_ bytes: Span<UInt8>) throws(JSONError) -> [JSONValue] {
        try descend()
        var elements: [JSONValue] = []
        position += 1
        skipWhitespace(bytes)
        if try peek(bytes) == UInt8(ascii: "]") {
            ascend()
            return elements
        }
        while true {
            elements.append(try value(bytes))
            skipWhitespace(bytes)
            switch try peek(bytes) {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"):
                ascend()
                return elements
            default: throw JSONError(.unexpectedByte, at: position)
            }
        }
    }

    /// Looks through the members while they are few, then through a set that is filled once and kept up to date.
    private func isRepeated(_ key: String, in members: [JSONObject.Member], seen: inout Set<KeyBytes>) -> Bool {
        guard members.count >= MemberIndex.linearLimit else {
            return members.contains { $0.key.hasSameBytes(as: key) }
        }
        if seen.isEmpty { seen = Set(members.map { KeyBytes($0.key) }) }
        return !seen.insert(KeyBytes(key)).inserted
    }

    private mutating func descend() throws(JSONError) {
        depth += 1
        guard depth <= limits.maxDepth else { throw JSONError(.tooDeep, at: position) }
    }

    /// Leaves the array or object whose closing bracket is the current byte.
    private mutating func ascend() {
        depth -= 1
        position += 1
    }

    @inline(__always)
    private mutating func skipWhitespace(_ bytes: Span<UInt8>) {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    @inline(__always)
    private func peek(_ bytes: Span<UInt8>) throws(JSONError) -> UInt8 {
        guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
        return bytes[position]
    }
}

// MARK: - Scalars

extension JSONReader {
    private mutating func literal(_ text: StaticString, _ bytes: Span<UInt8>) throws(JSONError) {
        for index in 0..<text.utf8CodeUnitCount {
            guard try peek(bytes) == text.utf8Start[index] else { throw JSONError(.unexpectedByte, at: position) }
            position += 1
        }
    }

    /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
    private mutating func number(_ bytes: Span<UInt8>) throws(JSONError) -> JSONNumber {
        let start = position
        var hasExponent = false
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        if position < bytes.count, bytes[position] == UInt8(ascii: "0") {
            position += 1
            if position < bytes.count, isDigit(bytes[position]) { throw JSONError(.invalidNumber, at: start) }
        } else {
            try digits(bytes, from: start)
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try digits(bytes, from: start)
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            hasExponent = true
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            try digits(bytes, from: start)
        }
        let number = JSONNumber(validated: text(bytes, start, position))
        if hasExponent || position - start > 300 {
            guard let double = Double(number.text), double.isFinite else {
                throw JSONError(.numberOutOfRange, at: start)
            }
        }
        return number
    }

    private mutating func digits(_ bytes: Span<UInt8>, from start: Int) throws(JSONError) {
        let first = position
        while position < bytes.count, isDigit(bytes[position]) { position += 1 }
        guard position > first else { throw JSONError(.invalidNumber, at: start) }
    }

    @inline(__always)
    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    /// Bytes known to be ASCII.
    @inline(__always)
    private func text(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> String {
        bytes.extracting(start..<end).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    private mutating func string(_ bytes: Span<UInt8>) throws(JSONError) -> String {
        position += 1
        let start = position
        var union: UInt8 = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                if union < 0x80 { return text(bytes, start, position - 1) }
                let plain = bytes.extracting(start..<position - 1).withUnsafeBufferPointer {
                    String(validating: $0, as: UTF8.self)
                }
                guard let plain else { throw JSONError(.invalidUTF8, at: start) }
                return plain
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(bytes, start) }
            guard byte >= 0x20 else { throw JSONError(.controlCharacter, at: position) }
            union |= byte
            position += 1
        }
        throw JSONError(.unexpectedEnd, at: position)
    }

    /// The rest of a string that began at `start` and whose current byte is its first backslash.
    private mutating func escapedString(_ bytes: Span<UInt8>, _ start: Int) throws(JSONError) -> String {
        var content: [UInt8] = []
        content.reserveCapacity(position - start + 32)
        for index in start..<position { content.append(bytes[index]) }
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw JSONError(.invalidUTF8, at: start)
                }
                return text
            case UInt8(ascii: "\\"): try escape(bytes, into: &content)
            case 0..<0x20: throw JSONError(.controlCharacter, at: position)
            default:
                content.append(byte)
                position += 1
            }
        }
        throw JSONError(.unexpectedEnd, at: position)
    }

    private mutating func escape(_ bytes: Span<UInt8>, into content: inout [UInt8]) throws(JSONError) {
        let start = position
        position += 1
        let letter = try peek(bytes)
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(letter)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            var code = UInt32(try unit(bytes))
            if code & 0xFC00 == 0xD800 {
                guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                    bytes[position + 1] == UInt8(ascii: "u")
                else { throw JSONError(.loneSurrogate, at: start) }
                position += 2
                let low = UInt32(try unit(bytes))
                guard low & 0xFC00 == 0xDC00 else { throw JSONError(.loneSurrogate, at: start) }
                code = 0x10000 + ((code & 0x3FF) << 10 | (low & 0x3FF))
            }
            guard let scalar = Unicode.Scalar(code) else { throw JSONError(.loneSurrogate, at: start) }
            content.append(contentsOf: String(Character(scalar)).utf8)
        default: throw JSONError(.invalidEscape, at: start)
        }
    }

    /// Four hexadecimal digits in either case.
    private mutating func unit(_ bytes: Span<UInt8>) throws(JSONError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            let digit = try peek(bytes)
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt16(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt16(digit - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt16(digit - UInt8(ascii: "A") + 10)
            default: throw JSONError(.invalidEscape, at: position)
            }
            position += 1
        }
        return value
    }
}
