package import Domain
import JSON
import Primitives
package import Store

extension Reading {
    /// The policies of an application, ready to be judged, with every group that they name.
    ///
    /// - Throws: ``Failure/inconsistent(_:)`` when a stored document cannot be read: nobody may pass where it is not known
    ///   who may.
    package func policySet(
        of application: ApplicationID, in account: AccountID
    ) throws(Failure) -> PolicySet {
        let policies = try policies(of: application, in: account).map { (attached) throws(Failure) in
            try JudgedPolicy(attached.policy)
        }
        // Most applications name no group.
        guard policies.contains(where: { !$0.rules.nestedGroups.isEmpty }) else {
            return PolicySet(policies: policies, groups: [:])
        }
        return PolicySet(
            policies: policies, groups: try compiled(try groupRules(namedBy: application, in: account)))
    }

    func compiled(_ stored: [GroupRules]) throws(Failure) -> [GroupID: RuleSet] {
        var groups: [GroupID: RuleSet] = [:]
        for group in stored { groups[group.id] = RuleSet(try JSONObject(stored: group.document)) }
        return groups
    }
}

extension JudgedPolicy {
    init(_ policy: Policy) throws(Failure) {
        try self.init(id: policy.id, name: policy.name, decision: policy.decision, document: policy.document)
    }

    init(id: PolicyID, name: String, decision: PolicyDecision, document: JSONText) throws(Failure) {
        let object = try JSONObject(stored: document)
        self.init(id: id, name: name, decision: decision, rules: RuleSet(object), terms: PolicyTerms(object))
    }
}

extension PolicyTerms {
    fileprivate init(_ document: JSONObject) {
        let asksPurpose = document["purpose_justification_required"]?.boolValue == true
        self.init(
            sessionDuration: document["session_duration"]?.stringValue.flatMap(DurationText.init),
            purpose: asksPurpose
                ? .asked(prompt: document["purpose_justification_prompt"]?.stringValue) : .notAsked,
            approvals: document["approval_required"]?.boolValue == true ? Self.approvals(document) : [],
            isIsolationRequired: document["isolation_required"]?.boolValue == true)
    }

    /// Approval that nobody can give, be it for want of addresses, is still asked for.
    private static func approvals(_ document: JSONObject) -> [ApprovalGroup] {
        let groups = (document["approval_groups"]?.arrayValue ?? []).map { group in
            ApprovalGroup(
                needed: max(1, group["approvals_needed"]?.integerValue.flatMap(Int.init(exactly:)) ?? 1),
                addresses: (group["email_addresses"]?.arrayValue ?? []).compactMap { $0.stringValue?.lowercasedASCII })
        }
        return groups.isEmpty ? [ApprovalGroup(needed: 1, addresses: [])] : groups
    }
}

extension JSONObject {
    fileprivate init(stored document: JSONText) throws(Failure) {
        guard let value = try? JSONParser.parse(document), let object = value.objectValue else {
            throw .inconsistent("the stored rules are no JSON object")
        }
        self = object
    }
}
