import Domain
import Primitives
import Store

/// What the caller may do where a use case decides it, because the path alone does not say which resource it is about.
extension Act {
    /// Compares what is handed on with what the caller holds.
    var escalation: Escalation<Failure> {
        Escalation(
            of: principal,
            accountChain: { [transaction] (id) throws(Failure) in try transaction.place(of: id)?.organizations },
            organizationChain: { [transaction] (id) throws(Failure) in try transaction.chain(of: id) })
    }

    /// The organizations from this one up to its root.
    ///
    /// - Throws: not found where the caller has no right on it, 403 where the right is missing.
    func require(
        _ group: PermissionGroup, on organization: OrganizationID, at pointer: String? = nil,
        orRefuse code: ErrorCode = .authenticationError
    ) throws(Failure) -> [OrganizationID] {
        let chain = try transaction.chain(of: organization)
        let rights = chain.isEmpty ? [] : principal.rights(on: .organization(chain))
        guard !rights.isEmpty else { throw .refused(.organizationNotFound, "organization not found", at: pointer) }
        guard rights.contains(group) else {
            throw .refused(code, "the credential lacks \"\(group.name)\" on this organization", at: pointer)
        }
        return chain
    }

    /// Whether the caller may make organizations at the top: a person, or a token of one, with all of the server.
    func requireRightOnEveryOrganization(at pointer: String? = nil) throws(Failure) {
        let isPerson = principal.user != nil && principal.token?.account == nil
        let isRoot = principal.isRoot && principal.token == nil
        let holdsAll = try escalation.holds([.organizationWrite], on: .everyOrganization)
        guard isPerson, isRoot || holdsAll else {
            throw .refused(
                .authenticationError,
                "the credential lacks \"\(PermissionGroup.organizationWrite.name)\" on every organization", at: pointer)
        }
    }

    /// Refuses to hand on rights that the caller does not hold.
    func require(_ rights: PermissionSet, on scope: RightsScope, at pointer: String? = nil) throws(Failure) {
        guard try escalation.holds(rights.withImplied, on: scope) else {
            throw .refused(
                .authenticationError, "the credential cannot give or take rights that it does not hold itself",
                at: pointer)
        }
    }
}
