package import Domain
package import JSON
package import Primitives

/// A request body that fits its shape. Accessors read members that the shape has already vouched for.
package struct Body: Sendable {
    package let object: JSONObject

    /// - Parameter code: what every problem of this resource is reported as.
    /// - Throws: a refusal that lists all problems, ordered by pointer.
    package init(_ value: JSONValue, as fields: [Field], orRefuse code: ErrorCode) throws(Refusal) {
        guard let object = value.objectValue else {
            throw Refusal(code, "the body must be a JSON object", at: "")
        }
        var problems: [FieldProblem] = []
        self.object = fields.normalize(object, at: "", &problems)
        try Self.refuse(problems, as: code)
    }

    /// Throws when there are problems.
    package static func refuse(_ problems: [FieldProblem], as code: ErrorCode) throws(Refusal) {
        guard !problems.isEmpty else { return }
        throw Refusal(
            problems.sorted { $0.pointer < $1.pointer }.map { problem in
                let name = problem.pointer.dropFirst()
                return Problem(
                    code, name.isEmpty ? problem.sentence : "\(name) \(problem.sentence)", at: problem.pointer)
            })
    }

    package subscript(name: String) -> JSONValue? { object[name] }

    package func text(_ name: String) -> String? { object[name]?.stringValue }
    package func text(_ name: String, or standard: String) -> String { object[name]?.stringValue ?? standard }
    package func bool(_ name: String) -> Bool { object[name]?.boolValue ?? false }
    package func optionalBool(_ name: String) -> Bool? { object[name]?.boolValue }
    package func integer(_ name: String) -> Int? { object[name]?.integerValue.map(Int.init) }
    package func instant(_ name: String) -> Timestamp? { text(name).flatMap { Timestamp(rfc3339: $0) } }
    package func uuid<Entity>(_ name: String) -> Identifier<Entity>? { text(name).flatMap { Identifier(uuid: $0) } }
    package func hex<Entity>(_ name: String) -> Identifier<Entity>? { text(name).flatMap { Identifier(hex: $0) } }
    package func texts(_ name: String) -> [String] { object[name]?.arrayValue?.compactMap(\.stringValue) ?? [] }

    /// The members that have no column of their own, as the document that is stored and spliced into answers.
    package func document(without names: Set<String>) -> JSONText {
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        for (key, value) in object where !names.contains(key) {
            writer.key(key)
            writer.write(value)
        }
        writer.endObject()
        return writer.jsonText
    }
}
