package import Domain
package import JSON
package import Primitives

/// One policy of a test: one of the account by its id, or one that is only tried.
package enum TestedPolicy: Sendable {
    case existing(PolicyID)
    case draft(PolicyDraft)
}

/// Policy tests on the wire (contract 20 §13).
extension TestedPolicy {
    private static let fields: [Field] = [Field("policies", .array(item, count: 1...100), .required)]

    /// An id, or a policy as it would be created.
    private static let item = Shape.custom(
        { value, pointer, problems in
            if let text = value.stringValue {
                guard PolicyID(uuid: text) != nil else {
                    problems.append(FieldProblem(pointer, "must be the id of a policy, or a policy"))
                    return .null
                }
                return value
            }
            guard let object = value.objectValue else {
                problems.append(FieldProblem(pointer, "must be the id of a policy, or a policy"))
                return .null
            }
            return .object(PolicyDraft.attachedFields.normalize(object, at: pointer, &problems))
        }, "the id of a policy, or a policy")

    /// The policies of a test in the order in which they are judged.
    package static func list(in value: JSONValue) throws(Refusal) -> [TestedPolicy] {
        let body = try Body(value, as: fields, orRefuse: .accessInvalidRequest)
        return (body["policies"]?.arrayValue ?? []).compactMap { item in
            if let text = item.stringValue { return PolicyID(uuid: text).map(TestedPolicy.existing) }
            return item.objectValue.map { .draft(PolicyDraft(Body(normalized: $0))) }
        }
    }
}

extension PolicyTest {
    package func write(to writer: inout JSONWriter, at now: Timestamp) {
        writer.beginObject()
        writer.member("id", uuid: id)
        writer.member("status", status(at: now).rawValue)
        writer.member("total_users", totalUsers)
        writer.member("users_approved", approved)
        writer.member("users_blocked", blocked)
        writer.member("users_errored", errored)
        writer.member("percent_approved", Self.percent(approved, of: processed))
        writer.member("percent_blocked", Self.percent(blocked, of: processed))
        writer.member("percent_errored", Self.percent(errored, of: processed))
        // Users may have come or gone since the test began.
        writer.member(
            "percent_users_processed", finishedAt == nil ? min(100, Self.percent(processed, of: totalUsers)) : 100)
        writer.endObject()
    }
}

extension PolicyTestResult {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", uuid: user)
        writer.member("email", email)
        writer.member("name", name)
        writer.member("status", status.rawValue)
        writer.endObject()
    }
}
