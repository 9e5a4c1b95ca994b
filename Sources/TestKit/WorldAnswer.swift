package import HTTP
package import JSON

extension World {
    /// What a request was answered.
    package struct Answer: Sendable {
        package let status: Int
        package let json: JSONValue
        package let fields: Fields
        package let text: String

        package var isSuccess: Bool { (200..<300).contains(status) }
        package var result: JSONValue { json["result"] ?? .null }
        package var id: String { result["id"]?.stringValue ?? "" }
        /// The rows of a list.
        package var items: [JSONValue] { result.arrayValue ?? [] }
        /// Of each error.
        package var codes: [Int] {
            json["errors"]?.arrayValue?.compactMap { $0["code"]?.integerValue.map(Int.init) } ?? []
        }
        /// Of the first error.
        package var code: Int? { codes.first }
        /// Of each error that has one.
        package var pointers: [String] {
            json["errors"]?.arrayValue?.compactMap { $0["source"]?["pointer"]?.stringValue } ?? []
        }
        /// The tokens of the notices beside the result.
        package var notices: [String] {
            json["messages"]?.arrayValue?.compactMap { $0["message"]?.stringValue } ?? []
        }
        package var etag: String? { fields[.etag] }

        /// A member of each row.
        package func texts(_ name: String) -> [String] { items.compactMap { $0[name]?.stringValue } }

        /// A member of the result.
        package func text(_ name: String) -> String { result[name]?.stringValue ?? "" }
    }
}
