package import JSON

extension Body {
    /// A body whose problems the caller collects together with others.
    package init(_ value: JSONValue, as fields: [Field], at pointer: String = "", _ problems: inout [FieldProblem]) {
        guard let object = value.objectValue else {
            problems.append(FieldProblem(pointer, "must be a JSON object"))
            self.init(normalized: JSONObject())
            return
        }
        self.init(normalized: fields.normalize(object, at: pointer, &problems))
    }

    package init(normalized object: JSONObject) { self.object = object }
}
