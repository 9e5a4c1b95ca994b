import Domain
import Primitives
package import Store

extension Act {
    /// So many accounts are compared one by one; beyond it their whole trees are, in a constant number of statements.
    private static var accountsLookedAtAlone: Int { 16 }

    /// Compares drift with the last look, wherever this unit may have moved it, and records what appeared and what went
    /// (contract 30 §8).
    package func noteDrift() throws(Failure) {
        let accounts = accountsToCompare
        if accounts.count > Self.accountsLookedAtAlone {
            for account in accounts {
                if let root = try transaction.root(of: account) { notesDrift(below: root) }
            }
        }
        var seen: Set<AccountID> = []
        for organization in treesThatMayDrift { seen.formUnion(try noteDrift(below: organization)) }
        for account in accounts where !seen.contains(account) {
            let drifts = try transaction.drifts(in: .account(account))
            try noteDrift(drifts, of: account, known: try transaction.knownDrifts(of: account))
        }
    }

    /// - Returns: the accounts that were compared.
    private func noteDrift(below organization: OrganizationID) throws(Failure) -> Set<AccountID> {
        let drifts = Dictionary(grouping: try transaction.drifts(in: .tree(organization)), by: \.account)
        let known = try transaction.knownDrifts(below: organization)
        for account in Set(drifts.keys).union(known.keys).sorted() {
            try noteDrift(drifts[account] ?? [], of: account, known: known[account] ?? [])
        }
        return Set(try transaction.governedAccounts(below: organization).map(\.account))
    }

    /// The accounts in which drift may have moved, connections that came and went included.
    private var accountsToCompare: [AccountID] {
        if effects.created.isEmpty, effects.ended.isEmpty { return accountsThatMayDrift }
        var accounts = accountsThatMayDrift
        var seen = Set(accounts)
        func add(_ account: AccountID?) {
            if let account, seen.insert(account).inserted { accounts.append(account) }
        }
        for created in effects.created { add(created.account) }
        for ended in effects.ended { add(ended.account) }
        return accounts
    }

    private func noteDrift(_ drifts: [Drift], of account: AccountID, known: Set<KnownDrift>) throws(Failure) {
        if drifts.isEmpty, known.isEmpty { return }
        let seen = Set(drifts.map { KnownDrift(account: account, kind: $0.kind.rawValue, subject: $0.subject.key) })
        for drift in seen.subtracting(known).sorted(by: { ($0.kind, $0.subject) < ($1.kind, $1.subject) }) {
            try transaction.remember(drift, at: now)
            record(event(.create, drift, "appeared"))
        }
        for drift in known.subtracting(seen).sorted(by: { ($0.kind, $0.subject) < ($1.kind, $1.subject) }) {
            try transaction.forget(drift)
            record(event(.delete, drift, "gone"))
        }
    }

    private func event(_ action: AuditEvent.Action, _ drift: KnownDrift, _ what: String) -> AuditEvent {
        AuditEvent(
            action, AuditedResource(.idpDrift, drift.subject.isEmpty ? drift.account.hex : drift.subject),
            account: drift.account, description: "\(drift.kind) \(what)", request: .emptyObject, response: .emptyObject)
    }
}

extension AuditedResource.Kind {
    /// Whether a change of such a resource can make drift appear or go in its account.
    var affectsDrift: Bool {
        switch self {
        case .account, .identityProvider, .federationGrant, .share, .shareRecipient, .shareResource, .bridge,
            .application, .policy, .group:
            true
        default: false
        }
    }
}
