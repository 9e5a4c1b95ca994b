package import Domain
package import JSON
package import Primitives

/// Organizations on the wire (contract 20 §1).
extension OrganizationDraft {
    package static let fields: [Field] = [
        Field("name", .name, .required),
        Field("parent", .object([Field("id", .hexIdentifier, .required)])),
        Field("profile", .object(OrganizationProfile.fields)),
    ]

    package init(_ value: JSONValue) throws(Refusal) {
        let body = try Body(value, as: Self.fields, orRefuse: .organizationInvalid)
        let place: Place
        if let parent: OrganizationID = body["parent"]?["id"]?.stringValue.flatMap({ Identifier(hex: $0) }) {
            place = .below(parent)
        } else {
            // An explicit null asks for the top; silence asks for nothing.
            place = value["parent"]?.isNull == true ? .root : .unsaid
        }
        self.init(name: body.text("name", or: ""), place: place, profile: body["profile"]?.jsonText)
    }
}

/// The profile of an organization: five texts, given together or not at all.
package enum OrganizationProfile {
    package static let names = [
        "business_name", "business_email", "business_phone", "business_address", "external_metadata",
    ]

    package static let fields = names.map { Field($0, .text(0...1024), .required) }

    package static func document(_ value: JSONValue) throws(Refusal) -> JSONText {
        try Body(value, as: fields, orRefuse: .organizationInvalid).object.jsonText
    }

    /// What an organization without a profile shows.
    package static let empty = JSONText(
        trusted: "{" + names.map { "\"\($0)\":\"\"" }.joined(separator: ",") + "}")
}

extension Organization {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", hex: id)
        writer.member("name", name)
        writer.member("create_time", time: createdAt)
        if let parent {
            writer.key("parent")
            writer.beginObject()
            writer.member("id", hex: parent.id)
            writer.member("name", parent.name)
            writer.endObject()
        }
        if let profile { writer.member("profile", raw: profile) }
        writer.key("meta")
        writer.beginObject()
        writer.key("hierarchy_tags")
        writer.beginArray()
        for id in hierarchy { writer.value(hex: id) }
        writer.endArray()
        writer.member("managed_by", "orgd")
        writer.member("tenant_flags", raw: Self.tenantFlags)
        writer.endObject()
        writer.endObject()
    }

    private static let tenantFlags = JSONText(
        trusted: "{"
            + [
                "account_creation", "account_creation_applies_tenant_defaults", "account_deletion", "account_migration",
                "account_mobility", "enterprise_capability", "member_management", "sub_org_creation",
            ].map { "\"\($0)\":\"enabled\"" }.joined(separator: ",") + "}")
}
