package import Primitives

/// Appends JSON to bytes. Commas come by themselves; matching brackets and one value per key are the caller's part.
///
/// No tree and, for stored documents, no parsing: columns are spliced with ``raw(_:)`` and ``rawMembers(of:)``.
package struct JSONWriter: Sendable {
    package var bytes: [UInt8]
    /// Whether the next key or element follows another one.
    @usableFromInline var needsComma = false

    @inlinable
    package init(reserving capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Takes over a buffer whose contents are dropped and whose capacity is kept.
    @inlinable
    package init(reusing buffer: consuming [UInt8]) {
        bytes = buffer
        bytes.removeAll(keepingCapacity: true)
    }

    /// What was written, as text that may be spliced elsewhere.
    package var jsonText: JSONText { JSONText(trusted: String(decoding: bytes, as: UTF8.self)) }
}

// MARK: - Structure

extension JSONWriter {
    @inlinable
    package mutating func beginObject() { open(UInt8(ascii: "{")) }

    @inlinable
    package mutating func endObject() { close(UInt8(ascii: "}")) }

    @inlinable
    package mutating func beginArray() { open(UInt8(ascii: "[")) }

    @inlinable
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// A key that is known to need no escaping.
    @inlinable
    package mutating func key(_ key: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    @inlinable
    package mutating func key(_ key: String) {
        separate()
        quote(key)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    @usableFromInline
    mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    @usableFromInline
    mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    @inlinable
    mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }
}

// MARK: - Values

extension JSONWriter {
    @inlinable
    package mutating func value(_ text: String) {
        separate()
        quote(text)
        needsComma = true
    }

    /// Text that is known to be UTF-8, such as a column of a row.
    @inlinable
    package mutating func value(utf8 text: UnsafeBufferPointer<UInt8>) {
        separate()
        quote(utf8: text)
        needsComma = true
    }

    @inlinable
    package mutating func value(utf8 text: Span<UInt8>) {
        text.withUnsafeBufferPointer { value(utf8: $0) }
    }

    @inlinable
    package mutating func value(_ value: Bool) { literal(value ? "true" : "false") }

    @inlinable
    package mutating func null() { literal("null") }

    @inlinable
    package mutating func value(_ value: Int) { self.value(Int64(value)) }

    @inlinable
    package mutating func value(_ value: Int64) {
        separate()
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = value.magnitude
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        var (first, last) = (start, bytes.count - 1)
        while first < last {
            bytes.swapAt(first, last)
            (first, last) = (first + 1, last - 1)
        }
        needsComma = true
    }

    /// Shortest decimal that reads back the same; `null` for NaN and the infinities.
    package mutating func value(_ value: Double) {
        if let number = JSONNumber(value) { self.value(number) } else { null() }
    }

    package mutating func value(_ value: JSONNumber) {
        separate()
        bytes.append(contentsOf: value.text.utf8)
        needsComma = true
    }

    /// 32 lowercase hexadecimal digits.
    @inlinable
    package mutating func value<Entity>(hex identifier: Identifier<Entity>) {
        value(hex: identifier.high, identifier.low)
    }

    @inlinable
    package mutating func value<Entity>(uuid identifier: Identifier<Entity>) {
        value(uuid: identifier.high, identifier.low)
    }

    @usableFromInline
    mutating func value(hex high: UInt64, _ low: UInt64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { buffer in
            plain(utf8: UnsafeBufferPointer(rebasing: buffer[..<IdentifierText.writeHex(high, low, to: buffer)]))
        }
    }

    @usableFromInline
    mutating func value(uuid high: UInt64, _ low: UInt64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 36) { buffer in
            plain(utf8: UnsafeBufferPointer(rebasing: buffer[..<IdentifierText.writeUUID(high, low, to: buffer)]))
        }
    }

    private mutating func plain(utf8 text: UnsafeBufferPointer<UInt8>) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// RFC 3339 in UTC.
    package mutating func value(time: Timestamp, _ precision: Timestamp.Precision = .seconds) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Timestamp.rfc3339Capacity) { buffer in
            plain(utf8: UnsafeBufferPointer(rebasing: buffer[..<time.writeRFC3339(precision, to: buffer)]))
        }
    }

    /// A stored document, spliced as it is.
    @inlinable
    package mutating func raw(_ document: JSONText) {
        separate()
        append(document.text)
        needsComma = true
    }

    /// Bytes that are known to be one JSON value, such as a JSON column of a row.
    @inlinable
    package mutating func raw(utf8 document: UnsafeBufferPointer<UInt8>) {
        separate()
        bytes.append(contentsOf: document)
        needsComma = true
    }

    /// The members of a stored object, after those already written. Nothing for `{}` or for a value that is no object.
    package mutating func rawMembers(of document: JSONText) {
        var text = document.text
        text.withUTF8 { buffer in
            var inside = buffer[...]
            while let last = inside.last, last <= 0x20 { inside.removeLast() }
            while let first = inside.first, first <= 0x20 { inside.removeFirst() }
            guard inside.count >= 2, inside.first == UInt8(ascii: "{"), inside.last == UInt8(ascii: "}") else { return }
            inside = inside.dropFirst().dropLast()
            guard inside.contains(where: { $0 > 0x20 }) else { return }
            separate()
            bytes.append(contentsOf: inside)
            needsComma = true
        }
    }

    package mutating func write(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): self.value(value)
        case .number(let value): self.value(value)
        case .string(let value): self.value(value)
        case .array(let elements):
            beginArray()
            for element in elements { write(element) }
            endArray()
        case .object(let object): write(object)
        }
    }

    package mutating func write(_ object: JSONObject) {
        beginObject()
        for member in object.members {
            key(member.key)
            write(member.value)
        }
        endObject()
    }

    @inlinable
    mutating func literal(_ text: StaticString) {
        separate()
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        needsComma = true
    }

    /// A string that is known to need no escaping.
    @inlinable
    mutating func plain(_ text: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        append(text)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    @inlinable
    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }
}
