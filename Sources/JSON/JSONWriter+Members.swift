package import Primitives

/// Key and value in one call. `nil` is written as `null`; leave the call out to leave the member out.
extension JSONWriter {
    @inlinable
    package mutating func member(_ key: StaticString, _ value: String) {
        self.key(key)
        self.value(value)
    }

    @inlinable
    package mutating func member(_ key: StaticString, _ value: String?) {
        self.key(key)
        if let value { self.value(value) } else { null() }
    }

    @inlinable
    package mutating func member(_ key: StaticString, _ value: Bool) {
        self.key(key)
        self.value(value)
    }

    @inlinable
    package mutating func member(_ key: StaticString, _ value: Bool?) {
        self.key(key)
        if let value { self.value(value) } else { null() }
    }

    @inlinable
    package mutating func member(_ key: StaticString, _ value: Int) {
        self.key(key)
        self.value(value)
    }

    @inlinable
    package mutating func member(_ key: StaticString, _ value: Int?) {
        self.key(key)
        if let value { self.value(value) } else { null() }
    }

    @inlinable
    package mutating func member(_ key: StaticString, _ value: Int64) {
        self.key(key)
        self.value(value)
    }

    @inlinable
    package mutating func member(_ key: StaticString, _ value: Int64?) {
        self.key(key)
        if let value { self.value(value) } else { null() }
    }

    @inlinable
    package mutating func member(_ key: StaticString, _ value: Double) {
        self.key(key)
        self.value(value)
    }

    @inlinable
    package mutating func member(_ key: StaticString, _ value: Double?) {
        self.key(key)
        if let value { self.value(value) } else { null() }
    }

    @inlinable
    package mutating func member(_ key: StaticString, _ values: [String]) {
        self.key(key)
        beginArray()
        for value in values { self.value(value) }
        endArray()
    }

    @inlinable
    package mutating func member<Entity>(_ key: StaticString, hex identifier: Identifier<Entity>) {
        self.key(key)
        value(hex: identifier)
    }

    @inlinable
    package mutating func member<Entity>(_ key: StaticString, hex identifier: Identifier<Entity>?) {
        self.key(key)
        if let identifier { value(hex: identifier) } else { null() }
    }

    @inlinable
    package mutating func member<Entity>(_ key: StaticString, uuid identifier: Identifier<Entity>) {
        self.key(key)
        value(uuid: identifier)
    }

    @inlinable
    package mutating func member<Entity>(_ key: StaticString, uuid identifier: Identifier<Entity>?) {
        self.key(key)
        if let identifier { value(uuid: identifier) } else { null() }
    }

    @inlinable
    package mutating func member(
        _ key: StaticString, time: Timestamp, _ precision: Timestamp.Precision = .seconds
    ) {
        self.key(key)
        value(time: time, precision)
    }

    @inlinable
    package mutating func member(
        _ key: StaticString, time: Timestamp?, _ precision: Timestamp.Precision = .seconds
    ) {
        self.key(key)
        if let time { value(time: time, precision) } else { null() }
    }

    @inlinable
    package mutating func member(_ key: StaticString, raw document: JSONText) {
        self.key(key)
        raw(document)
    }

    @inlinable
    package mutating func member(_ key: StaticString, raw document: JSONText?) {
        self.key(key)
        if let document { raw(document) } else { null() }
    }

    package mutating func member(_ key: StaticString, _ value: JSONValue) {
        self.key(key)
        write(value)
    }

    package mutating func member(_ key: StaticString, _ value: JSONValue?) {
        self.key(key)
        if let value { write(value) } else { null() }
    }

    package mutating func member(_ key: StaticString, _ object: JSONObject) {
        self.key(key)
        write(object)
    }
}
