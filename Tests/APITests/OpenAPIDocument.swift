import Foundation

/// The operations of `openapi.yaml`, read line by line: a path at two spaces, its methods at four, their keys at six.
struct OpenAPIDocument {
    struct Operation: Hashable, CustomStringConvertible {
        let method: String
        /// As the document has it, `/client/v4` included.
        let path: String
        var operationID = ""
        var permission = ""

        var description: String { "\(method) \(path) \(operationID) (\(permission))" }
    }

    let operations: [Operation]

    init(_ text: String) {
        var operations: [Operation] = []
        var path = ""
        var isInPaths = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
            let indent = line.prefix { $0 == " " }.count
            let content = line.dropFirst(indent)
            guard !content.hasPrefix("#") else { continue }
            switch indent {
            case 0:
                isInPaths = content == "paths:"
            case 2 where isInPaths && content.hasPrefix("/"):
                path = String(content.dropLast())
            case 4 where isInPaths && Self.methods.contains(String(content.dropLast())):
                operations.append(Operation(method: content.dropLast().uppercased(), path: path))
            case 4 where isInPaths && !operations.isEmpty:
                continue
            case 6 where isInPaths && content.hasPrefix("operationId: "):
                operations[operations.count - 1].operationID = Self.value(of: content)
            case 6 where isInPaths && content.hasPrefix("x-permission: "):
                operations[operations.count - 1].permission = Self.value(of: content)
            default:
                continue
            }
        }
        self.operations = operations
    }

    private static let methods: Set<String> = ["get", "post", "put", "patch", "delete"]

    /// A scalar: plain or in single quotes.
    private static func value(of line: Substring) -> String {
        let text = line[line.index(after: line.firstIndex(of: " ") ?? line.startIndex)...]
        guard text.hasPrefix("'"), text.hasSuffix("'"), text.count >= 2 else { return String(text) }
        return text.dropFirst().dropLast().replacingOccurrences(of: "''", with: "'")
    }
}
