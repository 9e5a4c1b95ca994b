package import Primitives

extension JSONValue {
    /// Compact text: members in their order, no white space, numbers in the spelling they have.
    package func serialized() -> String { String(decoding: serializedBytes(), as: UTF8.self) }

    package func serializedBytes() -> [UInt8] {
        var writer = JSONWriter()
        writer.write(self)
        return writer.bytes
    }

    package var jsonText: JSONText { JSONText(trusted: serialized()) }
}

extension JSONObject {
    package func serialized() -> String { JSONValue.object(self).serialized() }

    package var jsonText: JSONText { JSONValue.object(self).jsonText }
}

extension JSONValue: CustomStringConvertible {
    package var description: String { serialized() }
}
