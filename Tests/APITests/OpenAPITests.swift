import API
import Foundation
import HTTP
import Testing

/// The route tables against `openapi.yaml`, in both directions.
@Suite("openapi.yaml")
struct OpenAPITests {
    private let described: Set<OpenAPIDocument.Operation>
    private let routed: Set<OpenAPIDocument.Operation>
    private static let prefix = "/client/v4"

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "openapi.yaml"), encoding: .utf8)
        described = Set(OpenAPIDocument(text).operations.filter { $0.path.hasPrefix(Self.prefix) })
        routed = Set(
            Router(AllRoutes.groups).routes.map {
                OpenAPIDocument.Operation(
                    method: $0.method.name, path: Self.prefix + $0.path, operationID: $0.operationID,
                    permission: $0.permission.wireName)
            })
    }

    @Test("describes every route with its method, path, operationId and permission")
    func describesEveryRoute() {
        let missing = routed.subtracting(described).map(\.description).sorted()
        #expect(missing.isEmpty, "not described so: \(missing.joined(separator: "; "))")
    }

    @Test("describes nothing that the router does not answer")
    func describesNothingElse() {
        let invented = described.subtracting(routed).map(\.description).sorted()
        #expect(invented.isEmpty, "no such route: \(invented.joined(separator: "; "))")
    }

    @Test("gives each operation an id of its own")
    func idsAreUnique() {
        #expect(!described.isEmpty)
        #expect(Set(described.map(\.operationID)).count == described.count)
        #expect(!described.contains { $0.operationID.isEmpty || $0.permission.isEmpty })
    }
}

/// The reader of the document, on the lines that it has to tell apart.
@Suite("OpenAPI line reader")
struct OpenAPIDocumentTests {
    @Test("finds operations and nothing that only looks like one")
    func findsOperations() {
        let document = OpenAPIDocument(
            """
            info:
              /not/a/path:
                get:
            # a comment
            paths:
              /client/v4/things/{thing_id}:
                parameters: [{$ref: '#/x'}]
                get:
                  operationId: getThing
                  summary: 'operationId: no'
                  x-permission: 'Access: Apps and Policies Read'
                delete:
                  x-permission: authenticated
                  operationId: deleteThing
                  responses:
                    get:
                      operationId: nested
            components:
              schemas:
                post:
                  operationId: neither
            """)
        #expect(
            document.operations.map(\.description) == [
                "GET /client/v4/things/{thing_id} getThing (Access: Apps and Policies Read)",
                "DELETE /client/v4/things/{thing_id} deleteThing (authenticated)",
            ])
    }
}
