package import JSON

extension JSONValue {
    /// Text for people: two spaces a level, one member a line, empty containers in one line.
    package func pretty(indent: Int = 0) -> String {
        let inner = String(repeating: "  ", count: indent + 1)
        let outer = String(repeating: "  ", count: indent)
        switch self {
        case .object(let object) where !object.isEmpty:
            let members = object.map { key, value in
                "\(inner)\(JSONValue.string(key).serialized()): \(value.pretty(indent: indent + 1))"
            }
            return "{\n" + members.joined(separator: ",\n") + "\n\(outer)}"
        case .array(let elements) where !elements.isEmpty:
            return "[\n" + elements.map { inner + $0.pretty(indent: indent + 1) }.joined(separator: ",\n")
                + "\n\(outer)]"
        default:
            return serialized()
        }
    }

    /// The text a table or a CSV file shows for this value: strings as they are, lists with commas, objects as JSON.
    package var cell: String {
        switch self {
        case .null: ""
        case .bool(let value): value ? "yes" : "no"
        case .number(let value): value.text
        case .string(let value): value
        case .array(let elements): elements.map(\.cell).joined(separator: ", ")
        case .object(let object):
            object["name"]?.stringValue ?? object["id"]?.stringValue ?? (object.isEmpty ? "" : serialized())
        }
    }

    /// This value with `value` at a path of members; objects on the way are created.
    package func setting(_ keys: [String], to value: JSONValue?) -> JSONValue {
        guard let key = keys.first else { return value ?? .null }
        var object = objectValue ?? JSONObject()
        if keys.count == 1 {
            object[key] = value
        } else {
            object[key] = (object[key] ?? [:]).setting(Array(keys.dropFirst()), to: value)
        }
        return .object(object)
    }
}
