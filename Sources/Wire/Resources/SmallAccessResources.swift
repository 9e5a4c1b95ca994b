package import Domain
package import JSON
package import Primitives

/// Tags on the wire (contract 20 §18).
extension Tag {
    /// The name in a body that creates or renames a tag.
    package static func name(in value: JSONValue) throws(Refusal) -> String {
        try Body(value, as: [Field("name", .name, .required)], orRefuse: .accessInvalidRequest).text("name", or: "")
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("app_count", appCount)
        writer.member("created_at", time: createdAt)
        writer.member("updated_at", time: updatedAt)
        writer.endObject()
    }
}

/// Custom pages on the wire (contract 20 §18).
extension CustomPageDraft {
    package static let fields: [Field] = [
        Field("name", .name, .required),
        Field("type", .oneOf(CustomPageType.allCases.map(\.rawValue)), .required),
        Field(
            "custom_html",
            .checked(
                { (1...CustomPage.maxBytes).contains($0.utf8.count) }, "HTML of 1 to \(CustomPage.maxBytes) bytes"),
            .required),
        Field("contract_version", .integer(1...1000), default: 1),
    ]

    package init(_ value: JSONValue) throws(Refusal) {
        let body = try Body(value, as: Self.fields, orRefuse: .accessInvalidRequest)
        self.init(
            name: body.text("name", or: ""), type: body.text("type").flatMap(CustomPageType.init) ?? .forbidden,
            html: body.text("custom_html", or: ""), contractVersion: body.integer("contract_version") ?? 1)
    }
}

extension CustomPage {
    /// - Parameter html: written only in the answer to a GET of one page.
    package func write(to writer: inout JSONWriter, html: String? = nil) {
        writer.beginObject()
        writer.member("uid", uuid: id)
        writer.member("name", name)
        writer.member("type", type.rawValue)
        writer.member("contract_version", contractVersion)
        if let html { writer.member("custom_html", html) }
        writer.member("created_at", time: createdAt)
        writer.member("updated_at", time: updatedAt)
        writer.endObject()
    }
}

/// Keys on the wire (contract 20 §15).
extension KeyRotation {
    /// `key_rotation_interval_days` of a body.
    package static func intervalDays(in value: JSONValue) throws(Refusal) -> Int {
        let fields = [Field("key_rotation_interval_days", .integer(21...365), .required)]
        return try Body(value, as: fields, orRefuse: .accessInvalidRequest).integer("key_rotation_interval_days") ?? 42
    }

    package func write(to writer: inout JSONWriter, at now: Timestamp) {
        writer.beginObject()
        writer.member("key_rotation_interval_days", intervalDays)
        writer.member("last_key_rotation_at", time: lastRotation)
        writer.member("days_until_next_rotation", daysLeft(at: now))
        writer.endObject()
    }
}
