/// Who calls, and what the credential they showed allows.
package struct Principal: Sendable, Equatable {
    /// The user behind the call: the owner of a user's token, or the person an ID token names.
    package let user: UserID?
    package let email: String?
    /// The API token that was shown, absent for a person with an ID token.
    package let token: Token?
    /// The program that acts for the person with their consent.
    package var agent: Agent?
    package let grants: [RightsGrant]
    /// What the token's owner may do now; a token never reaches beyond it. `nil` where nothing limits it.
    package let ceiling: [RightsGrant]?
    /// True for the administrator that an empty database starts with.
    package let isRoot: Bool

    package struct Token: Sendable, Equatable {
        package let id: APITokenID
        package let name: String
        /// Set for a token that belongs to an account rather than to a user.
        package let account: AccountID?

        package init(id: APITokenID, name: String, account: AccountID?) {
            self.id = id
            self.name = name
            self.account = account
        }
    }

    /// A client of managed OAuth.
    package struct Agent: Sendable, Equatable {
        /// Names the client within this server.
        package let id: APITokenID
        /// As the client names itself to the server: a UUID, or the URL of its document.
        package let clientID: String
        /// What it says its name is. Nobody has verified it.
        package let name: String

        package init(id: APITokenID, clientID: String, name: String) {
            self.id = id
            self.clientID = clientID
            self.name = name
        }

        /// In the place of a token's name. A name alone is no proof of anything, so the client id follows it.
        package var credential: Token { Token(id: id, name: "\(name) <\(clientID)>", account: nil) }
    }

    package init(
        user: UserID?, email: String?, token: Token?, grants: [RightsGrant], ceiling: [RightsGrant]?, isRoot: Bool
    ) {
        self.user = user
        self.email = email
        self.token = token
        self.grants = grants
        self.ceiling = ceiling
        self.isRoot = isRoot
    }

    /// The rights on a resource: all that some grant allows and none denies, within the ceiling.
    package func rights(on target: RightsTarget) -> PermissionSet {
        let own = Self.sum(of: grants, on: target)
        guard let ceiling else { return own }
        return own.intersection(Self.sum(of: ceiling, on: target))
    }

    private static func sum(of grants: [RightsGrant], on target: RightsTarget) -> PermissionSet {
        var allowed: PermissionSet = []
        var denied: PermissionSet = []
        for grant in grants where grant.scope.covers(target) {
            switch grant.effect {
            case .allow: allowed.formUnion(grant.permissions.withImplied)
            case .deny: denied.formUnion(grant.permissions)
            }
        }
        return allowed.subtracting(denied)
    }
}

/// Rights given or taken on part of the world.
package struct RightsGrant: Sendable, Equatable {
    package enum Effect: String, Sendable { case allow, deny }

    package let effect: Effect
    package let permissions: PermissionSet
    package let scope: RightsScope

    package init(effect: Effect, permissions: PermissionSet, scope: RightsScope) {
        self.effect = effect
        self.permissions = permissions
        self.scope = scope
    }
}

/// The part of the world a grant speaks of.
package enum RightsScope: Sendable, Hashable {
    case account(AccountID)
    case everyAccount
    /// The organization, its descendants and all their accounts.
    case organization(OrganizationID)
    case everyOrganization
    case user(UserID)

    package func covers(_ target: RightsTarget) -> Bool {
        switch (self, target) {
        case (.account(let one), .account(let other, _)): one == other
        case (.everyAccount, .account): true
        case (.organization(let one), .account(_, let chain)): chain.contains(one)
        case (.organization(let one), .organization(let chain)): chain.contains(one)
        case (.everyOrganization, .account), (.everyOrganization, .organization): true
        case (.user(let one), .user(let other)): one == other
        default: false
        }
    }
}

/// What rights are asked for.
package enum RightsTarget: Sendable {
    /// An account with the organizations above it, nearest first; empty for an account on its own.
    case account(AccountID, within: [OrganizationID])
    /// An organization as the chain from itself to its root.
    case organization([OrganizationID])
    case user(UserID)
}
