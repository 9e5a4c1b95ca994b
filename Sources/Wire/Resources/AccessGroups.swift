package import Domain
package import JSON
import Primitives

/// Groups on the wire (contract 20 §11).
extension AccessGroupDraft {
    package static let fields: [Field] =
        [Field("name", .name, .required)] + RuleLists.fields + [Field("is_default", .bool, default: false)]

    package init(_ value: JSONValue) throws(Refusal) {
        let body = try Body(value, as: Self.fields, orRefuse: .accessInvalidRequest)
        self.init(
            name: body.text("name", or: ""), isDefault: body.bool("is_default"),
            document: body.document(without: ["name", "is_default"]), references: RuleLists.references(in: body.object))
    }
}

extension AccessGroup {
    /// - Parameter showingDefault: whether `default` is part of the answer; lists leave it out.
    package func write(to writer: inout JSONWriter, showingDefault: Bool) {
        writer.beginObject()
        writer.member("id", uuid: id)
        writer.member("uid", uuid: id)
        writer.member("name", name)
        if showingDefault { writer.member("default", isDefault) }
        writer.rawMembers(of: document)
        writer.member("created_at", time: createdAt)
        writer.member("updated_at", time: updatedAt)
        writer.endObject()
    }
}
