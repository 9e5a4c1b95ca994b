package import Domain
import Primitives
package import Store

extension Act {
    package func createGroup(_ draft: AccessGroupDraft, in account: AccountID) throws(Failure) -> AccessGroup {
        try refuse(try problems(in: draft.references, keeping: [], at: "", in: account))
        try enforce(draft.references, at: "", in: account)
        let id = GroupID(at: now)
        try transaction.insertGroup(id, draft, in: account, at: now)
        try checkNesting(of: id)
        record(AuditEvent(.create, AuditedResource(.group, id.uuid), account: account))
        return try group(id, in: account)
    }

    package func replaceGroup(
        _ id: GroupID, with draft: AccessGroupDraft, in account: AccountID
    ) throws(Failure) -> AccessGroup {
        try check(version: try group(id, in: account).version)
        try refuse(
            try problems(in: draft.references, keeping: try transaction.ruleTargets(of: id), at: "", in: account))
        try enforce(draft.references, at: "", in: account)
        try transaction.updateGroup(id, draft, in: account, at: now)
        try checkNesting(of: id)
        if try transaction.isUsedBeforeLogin(id), try transaction.asksForIdentity(id) {
            throw .refused(
                .accessInvalidRequest,
                "a bypass or non_identity policy uses this group, so its rules can not ask for an identity",
                at: "/include")
        }
        record(AuditEvent(.update, AuditedResource(.group, id.uuid), account: account))
        return try group(id, in: account)
    }

    package func deleteGroup(_ id: GroupID, in account: AccountID) throws(Failure) {
        try check(version: try group(id, in: account).version)
        guard try !transaction.isNamedInRules(id) else {
            throw .refused(.accessConflict, "a policy or another group names this group: remove it there first")
        }
        try transaction.deleteGroup(id)
        record(AuditEvent(.delete, AuditedResource(.group, id.uuid), account: account))
    }

    private func group(_ id: GroupID, in account: AccountID) throws(Failure) -> AccessGroup {
        guard let group = try transaction.group(id, in: account) else {
            throw .refused(.accessNotFound, "group not found")
        }
        return group
    }

    /// Looks at the references as they are after the write; a refusal undoes it.
    private func checkNesting(of id: GroupID) throws(Failure) {
        let nesting = try transaction.nesting(around: id)
        guard !nesting.isCyclic else {
            throw .refused(.accessInvalidRequest, "the group would contain itself", at: "/include")
        }
        guard nesting.below + nesting.above <= AccessGroup.maxNesting else {
            throw .refused(
                .accessInvalidRequest, "groups can not nest deeper than \(AccessGroup.maxNesting)", at: "/include")
        }
    }
}
