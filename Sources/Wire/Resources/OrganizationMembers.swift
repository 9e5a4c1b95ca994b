package import Domain
package import JSON
import Primitives

/// Members of organizations on the wire (contract 20 §1).
extension OrganizationMemberDraft {
    private static let status = Shape.oneOf(OrganizationMember.Status.allCases.map(\.rawValue))
    private static let role = Shape.oneOf(OrganizationRole.allCases.map(\.rawValue))

    /// A member as the SDK sends it, or with `email` beside the rest.
    private static func fields(isPlain: Bool) -> [Field] {
        let address =
            isPlain
            ? Field("email", .email, .required)
            : Field("user", .object([Field("email", .email, .required)]), .required)
        return [
            address, Field("status", status, default: "pending"),
            Field("role", role, default: .string(OrganizationRole.superAdministrator.rawValue)),
        ]
    }

    /// A draft with the pointer to its address.
    package typealias Placed = (draft: OrganizationMemberDraft, pointer: String)

    package static func single(_ value: JSONValue) throws(Refusal) -> Placed {
        var problems: [FieldProblem] = []
        let placed = read(value, at: "", &problems)
        try Body.refuse(problems, as: .memberInvalid)
        return placed
    }

    package static func batch(_ value: JSONValue) throws(Refusal) -> [Placed] {
        guard let items = value["members"]?.arrayValue, (1...100).contains(items.count) else {
            throw Refusal(.memberInvalid, "members must be an array of 1 to 100 members", at: "/members")
        }
        var problems: [FieldProblem] = []
        let drafts = items.enumerated().map { position, item in read(item, at: "/members/\(position)", &problems) }
        try Body.refuse(problems, as: .memberInvalid)
        return drafts
    }

    private static func read(_ value: JSONValue, at pointer: String, _ problems: inout [FieldProblem]) -> Placed {
        let wrapped = value["member"]?.objectValue
        let place = wrapped == nil ? pointer : "\(pointer)/member"
        guard let object = wrapped ?? value.objectValue else {
            problems.append(FieldProblem(pointer, "must be an object"))
            return (Self(email: "", role: .reader, status: .pending), pointer)
        }
        let isPlain = object["user"] == nil && (object.contains("email") || wrapped == nil)
        let member = fields(isPlain: isPlain).normalize(object, at: place, &problems)
        let email = isPlain ? member["email"]?.stringValue : member["user"]?["email"]?.stringValue
        let draft = Self(
            email: email ?? "",
            role: member["role"]?.stringValue.flatMap { OrganizationRole(rawValue: $0) } ?? .superAdministrator,
            status: member["status"]?.stringValue.flatMap { OrganizationMember.Status(rawValue: $0) } ?? .pending)
        return (draft, isPlain ? "\(place)/email" : "\(place)/user/email")
    }
}

extension OrganizationMemberChange {
    package static let fields: [Field] = [
        Field("role", .oneOf(OrganizationRole.allCases.map(\.rawValue))),
        Field("status", .oneOf(OrganizationMember.Status.allCases.map(\.rawValue))),
    ]

    package init(_ value: JSONValue) throws(Refusal) {
        let body = try Body(value, as: Self.fields, orRefuse: .memberInvalid)
        self.init(
            role: body.text("role").flatMap { OrganizationRole(rawValue: $0) },
            status: body.text("status").flatMap { OrganizationMember.Status(rawValue: $0) })
    }
}

extension OrganizationMember {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", hex: id)
        writer.member("create_time", time: createdAt)
        writer.member("update_time", time: updatedAt)
        writer.member("status", status.rawValue)
        writer.key("meta")
        writer.beginObject()
        writer.member("role", role.rawValue)
        writer.endObject()
        writer.key("user")
        writer.beginObject()
        writer.member("id", hex: user.id)
        writer.member("email", user.email)
        writer.member("name", user.fullName)
        writer.member("two_factor_authentication_enabled", false)
        writer.endObject()
        writer.endObject()
    }
}
