package import Domain
import Primitives
package import Store

/// Policies that an account may have, inline ones included (contract 10 §13).
private let maxPolicies = 500

extension Act {
    package func createReusablePolicy(_ draft: PolicyDraft, in account: AccountID) throws(Failure) -> CountedPolicy {
        let id = try insertPolicy(draft, ownedBy: nil, at: "", in: account)
        record(AuditEvent(.create, AuditedResource(.policy, id.uuid), account: account))
        return try reusablePolicy(id, in: account)
    }

    package func replaceReusablePolicy(
        _ id: PolicyID, with draft: PolicyDraft, in account: AccountID
    ) throws(Failure) -> CountedPolicy {
        try check(version: try reusablePolicy(id, in: account).policy.version)
        try updatePolicy(id, draft, at: "", in: account)
        record(AuditEvent(.update, AuditedResource(.policy, id.uuid), account: account))
        return try reusablePolicy(id, in: account)
    }

    package func deleteReusablePolicy(_ id: PolicyID, in account: AccountID) throws(Failure) {
        let counted = try reusablePolicy(id, in: account)
        try check(version: counted.policy.version)
        guard counted.appCount == 0 else {
            throw .refused(.accessConflict, "\(counted.appCount) applications use this policy: remove it there first")
        }
        try transaction.deletePolicy(id)
        record(AuditEvent(.delete, AuditedResource(.policy, id.uuid), account: account))
    }

    private func reusablePolicy(_ id: PolicyID, in account: AccountID) throws(Failure) -> CountedPolicy {
        guard let policy = try transaction.reusablePolicy(id, in: account) else {
            throw .refused(.accessNotFound, "policy not found")
        }
        return policy
    }
}

/// Policies below one application.
extension Act {
    package func attachPolicy(
        _ draft: PolicyDraft, to key: ApplicationKey, in account: AccountID
    ) throws(Failure) -> AttachedPolicy {
        let application = try application(key, in: account)
        var links = try transaction.policyLinks(of: application.id)
        guard !links.contains(where: \.isReusable) else {
            throw .refused(
                .accessInvalidRequest, "reusable and inline policies can not be mixed in one application", at: "")
        }
        let precedence = draft.precedence ?? (links.last?.precedence ?? 0) + 1
        try checkFree(precedence, in: links)
        let id = try insertPolicy(draft, ownedBy: application.id, at: "", in: account)
        links.append(PolicyLink(id: id, precedence: precedence, isReusable: false))
        try transaction.setPolicies(links, of: application.id)
        try transaction.touch(application.id, at: now)
        record(AuditEvent(.create, AuditedResource(.policy, id.uuid), account: account))
        return try attachedPolicy(id, of: application.id)
    }

    package func replaceAttachedPolicy(
        _ id: PolicyID, of key: ApplicationKey, with draft: PolicyDraft, in account: AccountID
    ) throws(Failure) -> AttachedPolicy {
        let application = try application(key, in: account)
        let attached = try inlinePolicy(id, of: application.id)
        try check(version: attached.policy.version)
        var links = try transaction.policyLinks(of: application.id).filter { $0.id != id }
        let precedence = draft.precedence ?? attached.precedence
        try checkFree(precedence, in: links)
        try updatePolicy(id, draft, at: "", in: account)
        if precedence != attached.precedence {
            links.append(PolicyLink(id: id, precedence: precedence, isReusable: false))
            try transaction.setPolicies(links, of: application.id)
        }
        record(AuditEvent(.update, AuditedResource(.policy, id.uuid), account: account))
        return try attachedPolicy(id, of: application.id)
    }

    package func deleteAttachedPolicy(
        _ id: PolicyID, of key: ApplicationKey, in account: AccountID
    ) throws(Failure) {
        let application = try application(key, in: account)
        let attached = try inlinePolicy(id, of: application.id)
        try check(version: attached.policy.version)
        try transaction.deletePolicy(id)
        try transaction.touch(application.id, at: now)
        record(AuditEvent(.delete, AuditedResource(.policy, id.uuid), account: account))
    }

    private func attachedPolicy(_ id: PolicyID, of application: ApplicationID) throws(Failure) -> AttachedPolicy {
        guard let policy = try transaction.attachedPolicy(id, of: application) else {
            throw .refused(.accessNotFound, "policy not found")
        }
        return policy
    }

    private func inlinePolicy(_ id: PolicyID, of application: ApplicationID) throws(Failure) -> AttachedPolicy {
        let attached = try attachedPolicy(id, of: application)
        guard !attached.policy.isReusable else {
            throw .refused(
                .accessInvalidRequest, "this policy is reusable and read-only here: change it under access/policies",
                at: "")
        }
        return attached
    }

    private func checkFree(_ precedence: Int, in links: [PolicyLink]) throws(Failure) {
        guard !links.contains(where: { $0.precedence == precedence }) else {
            throw .refused(
                .accessConflict, "another policy of the application has precedence \(precedence)", at: "/precedence")
        }
    }
}

/// What every write of a policy has in common.
extension Act {
    /// - Parameters:
    ///   - application: the owner of an inline policy.
    ///   - place: the pointer to the policy in the request's body.
    func insertPolicy(
        _ draft: PolicyDraft, ownedBy application: ApplicationID?, at place: String, in account: AccountID
    ) throws(Failure) -> PolicyID {
        guard try !transaction.hasPolicies(maxPolicies, in: account) else {
            throw .refused(.accessConflict, "the account has \(maxPolicies) policies, which is the limit")
        }
        try refuse(try problems(in: draft.references, keeping: [], at: place, in: account))
        try enforce(draft.references, at: place, in: account)
        let id = PolicyID(at: now)
        try transaction.insertPolicy(id, draft, ownedBy: application, in: account, at: now)
        try checkIdentity(of: id, draft, at: place)
        return id
    }

    func updatePolicy(
        _ id: PolicyID, _ draft: PolicyDraft, at place: String, in account: AccountID
    ) throws(Failure) {
        try refuse(
            try problems(in: draft.references, keeping: try transaction.ruleTargets(of: id), at: place, in: account))
        try enforce(draft.references, at: place, in: account)
        try transaction.updatePolicy(id, draft, in: account, at: now)
        try checkIdentity(of: id, draft, at: place)
    }

    /// Policies that are decided before anybody logs in cannot ask who somebody is, nor can the groups they name.
    private func checkIdentity(of id: PolicyID, _ draft: PolicyDraft, at place: String) throws(Failure) {
        guard draft.decision.precedesIdentity, try transaction.asksForIdentity(id) else { return }
        let culprits = draft.references.filter { $0.selector.asksForIdentity || $0.selector == .group }
        throw .refused(
            Refusal(
                culprits.map { reference in
                    Problem(
                        .accessInvalidRequest,
                        "a \(draft.decision.rawValue) policy can not use the identity selector \(reference.selector.rawValue)",
                        at: "\(place)/\(reference.list.rawValue)/\(reference.position)")
                }))
    }
}
