package import Domain
package import JSON
import Primitives

/// Policies on the wire (contract 20 §10).
extension PolicyDraft {
    package static let fields: [Field] =
        [
            Field("name", .name, .required),
            Field("decision", .oneOf(PolicyDecision.allCases.map(\.rawValue)), .required),
        ] + RuleLists.fields + [
            Field("session_duration", .sessionDuration),
            Field("approval_required", .bool, default: false),
            Field("approval_groups", .array(approvalGroup, count: 0...100), default: []),
            Field("purpose_justification_required", .bool, default: false),
            Field("purpose_justification_prompt", .text(0...1024)),
            Field("isolation_required", .bool, default: false),
            Field("mfa_config", .freeObject),
            Field("connection_rules", .freeObject),
        ]

    /// Of a policy that lives in an application, where it also has a place.
    package static let attachedFields: [Field] = fields + [precedenceField]

    static let precedenceField = Field("precedence", .integer(0...1_000_000))

    private static let approvalGroupFields: [Field] = [
        Field("approvals_needed", .integer(1...1000), .required),
        Field("email_addresses", .array(.email, count: 0...1000)),
        Field("email_list_uuid", .text(1...64)),
    ]

    private static let approvalGroup = Shape.custom(
        { value, pointer, problems in
            guard let object = value.objectValue else {
                problems.append(FieldProblem(pointer, "must be an object"))
                return .null
            }
            let group = approvalGroupFields.normalize(object, at: pointer, &problems)
            let hasAddresses = group["email_addresses"]?.arrayValue?.isEmpty == false
            if !hasAddresses, group["email_list_uuid"] == nil {
                problems.append(FieldProblem(pointer, "needs email_addresses or email_list_uuid"))
            }
            return .object(group)
        }, "approvers and how many of them are needed")

    /// A reusable policy.
    package init(_ value: JSONValue) throws(Refusal) {
        self.init(try Body(value, as: Self.fields, orRefuse: .accessInvalidRequest))
    }

    /// A policy of an application.
    package init(attached value: JSONValue) throws(Refusal) {
        self.init(try Body(value, as: Self.attachedFields, orRefuse: .accessInvalidRequest))
    }

    init(_ body: Body) {
        self.init(
            name: body.text("name", or: ""), decision: body.text("decision").flatMap(PolicyDecision.init) ?? .deny,
            document: body.document(without: ["name", "decision", "precedence"]),
            references: RuleLists.references(in: body.object), precedence: body.integer("precedence"))
    }
}

extension ApplicationPolicyItem {
    /// An id, a link `{id, precedence}`, or a policy in full.
    static let shape = Shape.custom(
        { value, pointer, problems in
            if let text = value.stringValue {
                guard PolicyID(uuid: text) != nil else {
                    problems.append(FieldProblem(pointer, "must be the id of a reusable policy"))
                    return .null
                }
                return value
            }
            guard let object = value.objectValue else {
                problems.append(FieldProblem(pointer, "must be an id, an object with id and precedence, or a policy"))
                return .null
            }
            return .object(table(for: object).normalize(object, at: pointer, &problems))
        }, "an id, an object with id and precedence, or a policy")

    private static let linkFields: [Field] = [Field("id", .uuid, .required), PolicyDraft.precedenceField]
    private static let inlineFields: [Field] = [Field("id", .uuid)] + PolicyDraft.attachedFields

    /// An object without content is a link; a reusable policy as it was read is one too, whatever it shows of itself.
    private static func table(for object: JSONObject) -> [Field] {
        let hasContent = object["include"]?.isNull == false || object["decision"]?.isNull == false
        let isReusable = object["reusable"]?.boolValue == true
        let hasID = object["id"]?.isNull == false
        return hasID && (isReusable || !hasContent) ? linkFields : inlineFields
    }

    init(normalized value: JSONValue) {
        if let text = value.stringValue {
            self.init(id: PolicyID(uuid: text), precedence: nil, draft: nil)
            return
        }
        let body = Body(normalized: value.objectValue ?? JSONObject())
        let id: PolicyID? = body.uuid("id")
        let draft = body["decision"] == nil ? nil : PolicyDraft(Body(normalized: body.object.removing("id")))
        self.init(id: id, precedence: body.integer("precedence"), draft: draft)
    }
}

extension CountedPolicy {
    package func write(to writer: inout JSONWriter, account: AccountID) {
        writer.beginObject()
        policy.writeMembers(to: &writer, account: account)
        writer.member("app_count", appCount)
        writer.endObject()
    }
}

extension AttachedPolicy {
    package func write(to writer: inout JSONWriter, account: AccountID) {
        writer.beginObject()
        policy.writeMembers(to: &writer, account: account)
        writer.member("precedence", precedence)
        writer.endObject()
    }
}

extension Policy {
    fileprivate func writeMembers(to writer: inout JSONWriter, account: AccountID) {
        writer.member("id", uuid: id)
        writer.member("uid", uuid: id)
        writer.member("account_id", hex: account)
        writer.member("name", name)
        writer.member("decision", decision.rawValue)
        writer.rawMembers(of: document)
        writer.member("reusable", isReusable)
        writer.member("created_at", time: createdAt)
        writer.member("updated_at", time: updatedAt)
    }
}
