/// One page of a list that is asked for by number (contract 10 §4, kind "page").
package struct PageRequest: Sendable, Equatable {
    package let page: Int
    package let perPage: Int

    /// - Parameters: page from 1; rows per page from 1 to 1000.
    package init(page: Int, perPage: Int) {
        self.page = page
        self.perPage = perPage
    }

    package var offset: Int { (page - 1) * perPage }
}

/// The rows of a page and how many there are in all.
package struct Page<Element: Sendable>: Sendable {
    package let items: [Element]
    package let total: Int

    package init(items: [Element], total: Int) {
        self.items = items
        self.total = total
    }
}

/// Case-insensitive substring patterns for LIKE … ESCAPE '\'.
package enum LikePattern {
    package static func containing(_ text: String) -> String { "%\(escaped(text))%" }
    package static func starting(with text: String) -> String { "\(escaped(text))%" }
    package static func ending(with text: String) -> String { "%\(escaped(text))" }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { pattern, character in
            if character == "%" || character == "_" || character == "\\" { pattern.append("\\") }
            pattern.append(character)
        }
    }
}
