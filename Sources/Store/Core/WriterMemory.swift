import Domain
internal import SQLite

/// What the writer keeps in mind from one unit to the next, so that writes into the same accounts need not ask for the
/// same things again. Belongs to the writer's thread.
final class WriterMemory {
    /// The end of the audit chain as this transaction leaves it; written back before COMMIT. `nil` until it is read.
    var chain: AuditChainEnd?
    private var facts: [AccountID: AccountFacts] = [:]
    /// ``Connection/watchedChanges`` under which `facts` are true.
    private var watched: UInt64 = 0
    /// Upper bounds of the number of applications: what was counted once, and each insertion since.
    private var applications: [AccountID: Int] = [:]

    private static let capacity = 2048
    /// What ``AccountFacts`` are read from.
    static let watchedTables: Set<String> = [
        "accounts", "organizations", "organization_ancestors", "primary_idps", "primary_idp_exemptions", "connections",
        "federation_grants", "identity_providers", "zero_trust_organizations",
    ]

    func facts(of account: AccountID, at watched: UInt64) -> AccountFacts? {
        guard watched == self.watched else {
            facts.removeAll(keepingCapacity: true)
            self.watched = watched
            return nil
        }
        return facts[account]
    }

    /// - Parameter watched: the counter before they were read.
    func keep(_ facts: AccountFacts, of account: AccountID, at watched: UInt64) {
        guard watched == self.watched else { return }
        if self.facts.count >= Self.capacity { self.facts.removeAll(keepingCapacity: true) }
        self.facts[account] = facts
    }

    func mostApplications(of account: AccountID) -> Int? { applications[account] }

    func count(applications count: Int, of account: AccountID) {
        if applications.count >= Self.capacity { applications.removeAll(keepingCapacity: true) }
        applications[account] = count
    }

    /// Stays too high when the insertion is undone, which costs a count once the limit seems reached.
    func countApplication(of account: AccountID) { applications[account]? += 1 }
}
