package import HTTP

/// The parameters of a request: none may be repeated, and one without a value counts as left out (RFC 6749 §3.1, §3.2).
package struct Parameters: Sendable {
    private let values: [String: String]

    /// - Parameter repeatable: names that may occur more than once, of which the first counts here; the caller reads the
    ///   rest from `query`.
    /// - Throws: `invalid_request` for a repeated parameter.
    package init(_ query: QueryString, repeatable: Set<String> = []) throws(OAuthError) {
        var values: [String: String] = [:]
        for item in query.items where !item.value.isEmpty {
            if values[item.name] == nil {
                values[item.name] = item.value
            } else if !repeatable.contains(item.name) {
                throw OAuthError(.invalidRequest, "a parameter is repeated")
            }
        }
        self.values = values
    }

    package subscript(_ name: String) -> String? { values[name] }

    /// - Throws: `invalid_request` when it is missing.
    package func required(_ name: StaticString) throws(OAuthError) -> String {
        guard let value = values["\(name)"] else {
            throw OAuthError(.invalidRequest, "the parameter \(name) is missing")
        }
        return value
    }

    /// The values of a list in one parameter, such as `scope`: separated by spaces.
    package func list(_ name: String) -> [String] {
        values[name]?.split(separator: " ").map { String($0) } ?? []
    }
}
