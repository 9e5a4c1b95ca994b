/// Names and values of a query or of a form body (`application/x-www-form-urlencoded`), in order; names may repeat.
package struct QueryString: Sendable, Equatable {
    package struct Item: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package private(set) var items: [Item]

    package init(items: [Item] = []) { self.items = items }

    /// Splits at `&`, then at the first `=`, then decodes; `+` is a space and a name alone has an empty value. `nil` for a bad
    /// escape, a NUL, or bytes that are not UTF-8.
    package init?(_ bytes: some Collection<UInt8>) {
        items = []
        for part in bytes.split(separator: UInt8(ascii: "&")) {
            let equals = part.firstIndex(of: UInt8(ascii: "="))
            guard let name = PercentEncoding.decode(part[..<(equals ?? part.endIndex)], plusIsSpace: true),
                let value = equals.map({ PercentEncoding.decode(part[$0...].dropFirst(), plusIsSpace: true) }) ?? ""
            else { return nil }
            items.append(Item(name: name, value: value))
        }
    }

    package init?(_ text: some StringProtocol) { self.init(Array(text.utf8)) }

    package var isEmpty: Bool { items.isEmpty }

    /// The first value of that name.
    package subscript(_ name: String) -> String? { items.first { $0.name == name }?.value }

    package func values(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

    package func count(_ name: String) -> Int { items.count { $0.name == name } }

    package mutating func append(_ name: String, _ value: String) { items.append(Item(name: name, value: value)) }

    /// `a=b&c=d`, everything reserved escaped; a space is `%20`, which every reader understands.
    package var text: String {
        items.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
    }
}
