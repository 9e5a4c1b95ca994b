package import Domain
package import JSON
import Primitives

/// Explanations on the wire.
extension Explanation {
    /// - Parameter groups: names of the groups that its paths lead through, as far as they exist.
    package func write(to writer: inout JSONWriter, groups: [GroupID: String]) {
        writer.beginObject()
        writer.member("decision", decision.wireName)
        writer.member("policy_id", uuid: decision.policy)
        writer.key("policies")
        writer.beginArray()
        for finding in findings { finding.write(to: &writer, groups: groups) }
        writer.endArray()
        writer.endObject()
    }
}

extension Decision {
    fileprivate var wireName: String {
        switch self {
        case .bypass: "bypass"
        case .service: "non_identity"
        case .allow: "allow"
        case .deny: "deny"
        case .unmatched: "unmatched"
        }
    }
}

extension PolicyFinding {
    fileprivate func write(to writer: inout JSONWriter, groups: [GroupID: String]) {
        writer.beginObject()
        writer.member("id", uuid: policy)
        writer.member("name", name)
        writer.member("decision", decision.rawValue)
        writer.member("outcome", outcome.wireName)
        writer.key("path")
        writer.beginArray()
        for step in path {
            writer.beginObject()
            writer.member("list", step.list.rawValue)
            writer.member("position", step.position)
            writer.member("selector", step.selector?.rawValue ?? "unreadable")
            writer.member("holds", step.truth.wireName)
            if let group = step.group {
                writer.key("group")
                writer.beginObject()
                writer.member("id", uuid: group)
                if let name = groups[group] { writer.member("name", name) }
                writer.endObject()
            }
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }
}

extension PolicyFinding.Outcome {
    fileprivate var wireName: String {
        switch self {
        case .decides: "decides"
        case .comesTooLate: "matches_too_late"
        case .doesNotMatch: "no_match"
        case .cannotTell: "cannot_tell"
        case .needsIdentity: "needs_identity"
        }
    }
}

extension Truth {
    fileprivate var wireName: String {
        switch self {
        case .yes: "yes"
        case .no: "no"
        case .unknown: "unknown"
        }
    }
}
