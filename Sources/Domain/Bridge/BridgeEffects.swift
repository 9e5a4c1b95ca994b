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
    /// Access users of each account that lost a connection who signed in within 30 days.
    package var recentUsers: [AccountID: Int] = [:]
    /// Sessions whose login came over a connection that ended.
    package var sessionsEnded = 0
    /// What people had allowed programs to do on the strength of a login that is gone.
    package var grantsEnded = 0

    package init() {}

    package var connectionsCreated: Int { created.count }
    package var usersAffected: Int { recentUsers.values.reduce(0, +) }
    package var isEmpty: Bool { created.isEmpty && ended.isEmpty }
}
