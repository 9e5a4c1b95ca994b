package import Domain
package import JSON
import Primitives

/// Resource shares on the wire (contract 20 §7).
package enum ShareBodies {
    package static let fields: [Field] = [
        Field("name", .name, .required),
        Field("resources", .array(.object(resourceFields), count: 1...100), .required),
        Field("recipients", .array(.object(recipientFields), count: 1...1000), .required),
    ]

    package static let resourceFields: [Field] = [
        Field("meta", .freeObject, .required),
        Field("resource_account_id", .hexIdentifier, .required),
        Field("resource_id", .uuid, .required),
        Field("resource_type", .oneOf(Share.resourceTypes), .required),
    ]

    package static let recipientFields: [Field] = [
        Field("recipient_account_id", .hexIdentifier), Field("account_id", .hexIdentifier),
        Field("organization_id", .hexIdentifier),
    ]

    /// Whom a recipient object names; `nil` for the source account's organization.
    ///
    /// `account_id` is the older spelling of `recipient_account_id`, accepted until 2027-05-26.
    package static func target(_ object: JSONObject, at pointer: String) throws(Refusal) -> ShareTarget? {
        let account = object["recipient_account_id"]?.stringValue ?? object["account_id"]?.stringValue
        let organization = object["organization_id"]?.stringValue
        switch (account, organization) {
        case (.some, .some):
            throw Refusal(
                .shareInvalid, "name recipient_account_id or organization_id, not both",
                at: pointer + "/organization_id")
        case (.some(let id), nil): return AccountID(hex: id).map { .account($0) }
        case (nil, .some(let id)): return OrganizationID(hex: id).map { .organization($0) }
        case (nil, nil): return nil
        }
    }
}

extension Share {
    package func write(
        to writer: inout JSONWriter, seenBy viewer: AccountID, resources: [ShareResource]? = nil,
        counts: (associated: Int, disassociated: Int)? = nil
    ) {
        writer.beginObject()
        writer.member("id", hex: id)
        writer.member("name", name)
        writer.member("account_id", hex: account)
        writer.member("account_name", accountName)
        writer.member("organization_id", organization?.hex ?? "")
        writer.member("status", "active")
        writer.member("target_type", reachesOrganization ? "organization" : "account")
        writer.member("kind", viewer == account ? "sent" : "received")
        writer.member("created", time: createdAt)
        writer.member("modified", time: updatedAt)
        if let resources {
            writer.key("resources")
            writer.beginArray()
            for resource in resources { resource.write(to: &writer) }
            writer.endArray()
        }
        if let counts {
            writer.member("associating_recipient_count", 0)
            writer.member("associated_recipient_count", counts.associated)
            writer.member("disassociating_recipient_count", 0)
            writer.member("disassociated_recipient_count", counts.disassociated)
        }
        writer.endObject()
    }
}

extension ShareResource {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", hex: id)
        writer.member("resource_id", uuid: grant)
        writer.member("resource_type", Share.grantType)
        writer.member("resource_account_id", hex: account)
        writer.member("resource_version", resourceVersion)
        writer.member("meta", raw: meta)
        writer.member("status", isActive ? "active" : "deleted")
        writer.member("created", time: createdAt)
        writer.member("modified", time: updatedAt)
        writer.endObject()
    }
}

extension ShareAssociation {
    package func write(to writer: inout JSONWriter, resources: [ShareResource]? = nil) {
        writer.beginObject()
        writer.member("id", hex: id)
        writer.member("account_id", hex: account)
        writer.member("association_status", isAssociated ? "associated" : "disassociated")
        if organization != nil { writer.member("organization_recipient_id", hex: recipient) }
        writer.member("created", time: createdAt)
        writer.member("modified", time: updatedAt)
        if let resources {
            writer.key("resources")
            writer.beginArray()
            for resource in resources {
                writer.beginObject()
                writer.member("resource_id", uuid: resource.grant)
                writer.member("resource_version", resource.resourceVersion)
                writer.member("error", "")
                writer.member("terminal", false)
                writer.endObject()
            }
            writer.endArray()
        }
        writer.endObject()
    }
}
