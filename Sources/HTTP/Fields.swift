/// Fields in the order they were added; names may repeat.
package struct Fields: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    package struct Field: Sendable, Equatable {
        package let name: FieldName
        package let value: String

        package init(name: FieldName, value: String) {
            self.name = name
            self.value = value
        }
    }

    package private(set) var all: [Field]

    package init() { all = [] }

    package init(dictionaryLiteral elements: (FieldName, String)...) {
        all = elements.map { Field(name: $0.0, value: $0.1) }
    }

    package var count: Int { all.count }

    package mutating func append(_ name: FieldName, _ value: String) { all.append(Field(name: name, value: value)) }

    package mutating func append(contentsOf others: Fields) { all.append(contentsOf: others.all) }

    /// Replaces every field of that name by one, or by none.
    package mutating func set(_ name: FieldName, _ value: String?) {
        all.removeAll { $0.name == name }
        if let value { append(name, value) }
    }

    /// The first value of that name. Assigning replaces all of them.
    package subscript(_ name: FieldName) -> String? {
        get { all.first { $0.name == name }?.value }
        set { set(name, newValue) }
    }

    package func values(_ name: FieldName) -> [String] { all.filter { $0.name == name }.map(\.value) }

    package func contains(_ name: FieldName) -> Bool { all.contains { $0.name == name } }

    package mutating func reserveCapacity(_ count: Int) { all.reserveCapacity(count) }
}
