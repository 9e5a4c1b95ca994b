/// What a change does to the connections of accounts, and to what depends on them: the content of a preview, of notices
/// and of audit rows (contract 30 §4 and §11).
package struct BridgeEffects: Sendable, Equatable {
    /// A connection that appeared or ended.
    package struct Connection: Sendable, Equatable {
        package let account: AccountID
        package let connection: IdentityProviderID

        package init(account: AccountID, connection: IdentityProviderID) {
            self.account = account
            self.connection = connection
        }
    }

    package struct AffectedApplication: Sendable, Equatable {
        package let account: AccountID
        package let application: ApplicationID
        package let name: String
        /// True when nobody can sign in to it any more.
        package let hasNoLogin: Bool
        /// True when the application goes on naming the ended connection, because an empty list would admit more people.
        package let keepsDeadReference: Bool

        package init(
            account: AccountID, application: ApplicationID, name: String, hasNoLogin: Bool, keepsDeadReference: Bool
        ) {
            self.account = account
            self.application = application
            self.name = name
            self.hasNoLogin = hasNoLogin
            self.keepsDeadReference = keepsDeadReference
        }
    }

    package struct DanglingRule: Sendable, Hashable {
        package let account: AccountID
        /// The policy or group whose rule names the ended connection.
        package let owner: PolicyID
        package let isGroup: Bool

        package init(account: AccountID, owner: PolicyID, isGroup: Bool) {
            self.account = account
            self.owner = owner
            self.isGroup = isGroup
        }
    }

    package var created: [Connection] = []
    package var ended: [Connection] = []
    package var applications: [AffectedApplication] = []
    package var danglingRules: [DanglingRule] = []
    /// Sessions whose login used an ended connection, by connection.
    package var sessions: [IdentityProviderID: Int] = [:]
    /// Sessions that ended for another reason: their account goes.
    package var otherSessions = 0
    /// Who signed in over an ended connection within 30 days. Known to previews alone.
    package var recentUsers: Set<AccessUserID> = []
    /// What people had allowed programs on the strength of a login over an ended connection, by connection.
    package var grants: [IdentityProviderID: Int] = [:]

    package init() {}

    package var connectionsCreated: Int { created.count }
    package var sessionsEnded: Int { sessions.values.reduce(otherSessions, +) }
    package var grantsEnded: Int { grants.values.reduce(0, +) }
    package var usersAffected: Int { recentUsers.count }
    package var isEmpty: Bool { created.isEmpty && ended.isEmpty }
}
