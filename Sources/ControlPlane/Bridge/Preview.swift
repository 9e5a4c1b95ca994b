package import Domain
package import Store

extension Act {
    /// What the use case would do to connections. It runs for real and is rolled back, so that the preview cannot differ
    /// from the request that follows (contract 30 §11). Leaves no audit row.
    package func preview(_ useCase: (Act) throws(Failure) -> Void) throws(Failure) -> BridgeEffects {
        isPreview = true
        let rehearsal = Act(
            transaction: transaction, plane: plane, principal: principal, now: now, precondition: precondition)
        rehearsal.isRehearsal = true
        try transaction.rehearse { () throws(Failure) in try useCase(rehearsal) }
        return rehearsal.effects
    }
}
