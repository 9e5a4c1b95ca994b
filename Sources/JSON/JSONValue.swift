// JSON (RFC 8259): a strict parser into a tree, and a writer that appends to bytes without one.
//
// Invariants: text that leaves the writer is valid JSON; a tree that leaves the parser has no duplicate keys and no lone
// surrogates; keys and strings are compared byte by byte, never by Unicode equivalence. Read `JSONReader` first.

/// One JSON value.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue {
    @inlinable
    package var isNull: Bool { if case .null = self { true } else { false } }

    @inlinable
    package var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }

    @inlinable
    package var stringValue: String? { if case .string(let value) = self { value } else { nil } }

    @inlinable
    package var numberValue: JSONNumber? { if case .number(let value) = self { value } else { nil } }

    @inlinable
    package var arrayValue: [JSONValue]? { if case .array(let value) = self { value } else { nil } }

    @inlinable
    package var objectValue: JSONObject? { if case .object(let value) = self { value } else { nil } }

    /// The number, when it is a whole one within 64 bits; `20.0` and `2e1` are.
    package var integerValue: Int64? { numberValue?.integer }

    package var doubleValue: Double? { numberValue?.double }

    /// The member `key` of an object; `nil` when absent or when the value is no object.
    package subscript(key: String) -> JSONValue? { objectValue?[key] }

    /// The element `index` of an array; `nil` outside its bounds or when the value is no array.
    package subscript(index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }
}

extension JSONValue {
    @inlinable
    package static func integer(_ value: Int64) -> Self { .number(JSONNumber(value)) }

    @inlinable
    package static func integer(_ value: Int) -> Self { .number(JSONNumber(Int64(value))) }
}

extension JSONValue: Equatable {
    /// Strings are equal when their bytes are, numbers when their values are, objects in any order of members.
    package static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let one), .bool(let other)): one == other
        case (.number(let one), .number(let other)): one == other
        case (.string(let one), .string(let other)): one.hasSameBytes(as: other)
        case (.array(let one), .array(let other)): one == other
        case (.object(let one), .object(let other)): one == other
        default: false
        }
    }
}

extension String {
    /// Equality of bytes. Swift's own `==` also equates U+212A (Kelvin sign) with `K`, which must not select a member.
    @inlinable
    package func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        var (left, right) = (self, other)
        return left.withUTF8 { left in
            right.withUTF8 { right in UnsafeRawBufferPointer(left).hasSameBytes(as: UnsafeRawBufferPointer(right)) }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Eight bytes a step: members are looked up by name all the time. Both are as long.
    @usableFromInline
    func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        var position = 0
        while position + 8 <= count {
            let word = loadUnaligned(fromByteOffset: position, as: UInt64.self)
            if word != other.loadUnaligned(fromByteOffset: position, as: UInt64.self) { return false }
            position += 8
        }
        while position < count {
            if self[position] != other[position] { return false }
            position += 1
        }
        return true
    }
}
