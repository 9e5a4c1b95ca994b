package import Domain
import Primitives
package import Store

extension Act {
    /// Compares an account's drift with the last look and records what appeared and what went (contract 30 §8).
    package func noteDrift(of account: AccountID) throws(Failure) {
        let drifts = try transaction.drifts(in: .account(account))
        let known = try transaction.knownDrifts(of: account)
        if drifts.isEmpty {
            if known.isEmpty { return }
            // An account that nothing governs has no drift; what it had is forgotten in silence.
            if try transaction.governed(account) == nil {
                for drift in known { try transaction.forget(drift) }
                return
            }
        }
        try noteDrift(drifts, known, of: account)
    }

    /// The same for every account below an organization, with a constant number of statements where nothing changed.
    package func noteDrift(below organization: OrganizationID) throws(Failure) {
        let drifts = Dictionary(grouping: try transaction.drifts(in: .tree(organization)), by: \.account)
        for account in try transaction.governedAccounts(below: organization) {
            let id = account.account
            try noteDrift(drifts[id] ?? [], try transaction.knownDrifts(of: id), of: id)
        }
    }

    /// The accounts in which something happened that drift depends on.
    package var accountsThatMayDrift: [AccountID] {
        var accounts: [AccountID] = []
        for event in events where event.resource.kind.affectsDrift {
            guard let account = event.account, !accounts.contains(account) else { continue }
            accounts.append(account)
        }
        return accounts
    }

    private func noteDrift(_ drifts: [Drift], _ known: Set<KnownDrift>, of account: AccountID) throws(Failure) {
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
        case .account, .identityProvider, .federationGrant, .share, .shareRecipient, .shareResource, .connection, .bridge,
            .application, .policy, .group:
            true
        default: false
        }
    }
}
