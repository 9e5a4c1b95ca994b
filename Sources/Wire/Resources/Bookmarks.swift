package import Domain
package import JSON
import Primitives

/// Bookmarks under their old name: applications of type `bookmark` in fewer words (contract 20 §24).
package enum Bookmark {
    private static let fields: [Field] = [
        Field("name", .name), Field("domain", .anything, .required),
        Field("app_launcher_visible", .bool, default: true),
        Field("logo_url", .optionalURL),
    ]

    /// What a body asks for, as a draft of an application.
    package static func draft(_ value: JSONValue) throws(Refusal) -> ApplicationDraft {
        var object = try Body(value, as: fields, orRefuse: .accessInvalidRequest).object
        object["type"] = "bookmark"
        return try ApplicationDraft(.object(object))
    }

    package static func write(_ application: Application, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", uuid: application.id)
        writer.member("name", application.name)
        writer.member("domain", application.domain)
        writer.rawMembers(of: application.document)
        writer.member("created_at", time: application.createdAt)
        writer.member("updated_at", time: application.updatedAt)
        writer.endObject()
    }
}

/// MCP portals and servers, as far as applications know them (contract 20 §8).
package enum MCPListing {
    package static func write(_ application: Application, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", uuid: application.id)
        writer.member("name", application.name)
        writer.member("hostname", application.domain ?? "")
        // What stands behind a portal or a server is asked at run time and not stored here.
        if application.type == .mcpPortal {
            writer.emptyArray("servers")
        } else {
            writer.member("auth_type", "oauth")
            writer.emptyArray("prompts")
            writer.emptyArray("tools")
        }
        writer.member("created_at", time: application.createdAt)
        writer.member("modified_at", time: application.updatedAt)
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func emptyArray(_ name: String) {
        key(name)
        beginArray()
        endArray()
    }
}
