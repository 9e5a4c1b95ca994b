package import Domain
import JSON
import Primitives
package import Store

/// Keeps connections equal to what grants, shares, recipients and the organization tree demand (contract 30 §4).
///
/// There is one way to do it, whatever happened: work out what must be there, compare with what is, create and end the
/// difference, in the transaction of the cause. So no event can be forgotten, and an order of events cannot matter.
extension Act {
    /// Brings connections and associations of the scope in line, and returns what that did.
    @discardableResult
    package func reconcile(_ scope: BridgeScope) throws(Failure) -> BridgeEffects {
        let demanded = try transaction.entitledConnections(in: scope)
        let existing = try transaction.existingConnections(in: scope)
        var effects = BridgeEffects()
        for pair in demanded.sorted(by: { ($0.account, $0.grant) < ($1.account, $1.grant) }) where existing[pair] == nil
        {
            let id = IdentityProviderID(at: now)
            try transaction.insertConnection(id, pair, at: now)
            effects.created.append(.init(account: pair.account, connection: id))
        }
        for (pair, id) in existing.sorted(by: { $0.value < $1.value }) where !demanded.contains(pair) {
            try end(id, of: pair.account, &effects)
        }
        try reconcileAssociations(scope)
        switch scope {
        case .accounts(let accounts):
            // Whom an account's own shares reach changes with its place.
            for share in try transaction.shares(ownedBy: accounts) { try reconcileAssociations(.share(share)) }
        case .tree(let organization): notesDrift(below: organization)
        case .grant, .share: break
        }
        note(effects)
        return effects
    }

    private func reconcileAssociations(_ scope: BridgeScope) throws(Failure) {
        let demanded = try transaction.demandedAssociations(in: scope)
        let existing = try transaction.existingAssociations(in: scope)
        struct Key: Hashable {
            let share: ShareID
            let account: AccountID
        }
        var standing: [Key: (recipient: ShareRecipientID, isAssociated: Bool)] = [:]
        for row in existing {
            standing[Key(share: row.pair.share, account: row.pair.account)] = (row.pair.recipient, row.isAssociated)
        }
        var wanted: Set<Key> = []
        for pair in demanded {
            let key = Key(share: pair.share, account: pair.account)
            wanted.insert(key)
            if let known = standing[key], known.isAssociated, known.recipient == pair.recipient { continue }
            try transaction.associate(pair, id: ShareRecipientID(at: now), at: now)
        }
        for row in existing where row.isAssociated {
            guard !wanted.contains(Key(share: row.pair.share, account: row.pair.account)) else { continue }
            try transaction.disassociate(row.id, at: now)
        }
    }

    /// Ends one connection and takes it out of what named it, without ever admitting more people (I10).
    func end(_ id: IdentityProviderID, of account: AccountID, _ effects: inout BridgeEffects) throws(Failure) {
        effects.ended.append(.init(account: account, connection: id))
        // Nobody could sign in through a connection of a type that only is shown.
        let couldLogIn = try transaction.connection(id, in: account)?.source.type.canLogIn ?? false
        for found in try transaction.applications(naming: id) {
            if found.namesOthers { try transaction.dropAllowedIdP(id, from: found.application, at: now) }
            effects.applications.append(
                .init(
                    account: account, application: found.application, name: found.name,
                    hasNoLogin: couldLogIn && !found.namesLiveOthers, keepsDeadReference: !found.namesOthers))
        }
        let relying = couldLogIn ? try transaction.applicationsRelyingOnAnyIdP(of: account, except: id) : []
        for found in relying {
            effects.applications.append(
                .init(
                    account: account, application: found.application, name: found.name, hasNoLogin: true,
                    keepsDeadReference: false))
        }
        effects.danglingRules += try transaction.rules(naming: id)
        if isRehearsal {
            let since = now - .seconds(30 * 86_400)
            effects.recentUsers.formUnion(try transaction.users(signedInThrough: id, in: account, since: since))
        }
        effects.sessions[id] = try transaction.endSessions(through: id)
        effects.grants[id] = try transaction.endGrants(through: id)
        try transaction.deleteConnection(id)
    }

    /// Adds effects to those of the whole request, tells the client what now dangles, and leaves a row in the audit log of
    /// each account where a connection appeared or ended, whoever caused it and wherever (contract 20 §23).
    func note(_ effects: BridgeEffects) {
        self.effects.add(effects)
        for application in effects.applications where application.keepsDeadReference {
            notify(
                .danglingReference(
                    "application \(application.application.uuid) (\(application.name)) still names an ended connection")
            )
        }
        for rule in effects.danglingRules {
            let kind = rule.isGroup ? "group" : "policy"
            notify(
                .danglingReference(
                    "\(kind) \(rule.owner.uuid) has a rule that names an ended connection and never matches"))
        }
        for created in effects.created {
            record(event(.create, created, "connection created", response: .emptyObject))
        }
        let applications = Dictionary(grouping: effects.applications, by: \.account)
        let rules = Dictionary(grouping: effects.danglingRules, by: \.account)
        for ended in effects.ended {
            let consequences = Self.summary(
                applications[ended.account] ?? [], rules[ended.account] ?? [], effects.sessions[ended.connection] ?? 0)
            record(event(.delete, ended, "connection ended", response: consequences))
        }
    }

    private func event(
        _ action: AuditEvent.Action, _ connection: BridgeEffects.Connection, _ description: String, response: JSONText
    ) -> AuditEvent {
        AuditEvent(
            action, AuditedResource(.identityProvider, connection.connection.uuid), account: connection.account,
            description: description, request: .emptyObject, response: response)
    }

    /// What the end of its connection did to one account.
    private static func summary(
        _ applications: [BridgeEffects.AffectedApplication], _ rules: [BridgeEffects.DanglingRule], _ sessions: Int
    ) -> JSONText {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("applications")
        writer.beginArray()
        for application in applications { writer.value(uuid: application.application) }
        writer.endArray()
        writer.key("dangling_rules")
        writer.beginArray()
        for rule in rules { writer.value(uuid: rule.owner) }
        writer.endArray()
        EndedSessions(sessions: sessions).writeMembers(to: &writer)
        writer.endObject()
        return writer.jsonText
    }
}

extension Notice {
    static func danglingReference(_ detail: String) -> Notice {
        Notice(code: 21110, token: "bridge.message.dangling_reference", detail: detail)
    }
}

extension BridgeEffects {
    mutating func add(_ other: BridgeEffects) {
        created += other.created
        ended += other.ended
        grants.merge(other.grants) { $1 }
        applications += other.applications
        danglingRules += other.danglingRules
        sessions.merge(other.sessions) { _, new in new }
        otherSessions += other.otherSessions
        recentUsers.formUnion(other.recentUsers)
    }
}
