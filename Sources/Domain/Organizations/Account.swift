package import Primitives

/// What Access is set up in: the owner of identity providers, applications, policies and tokens.
package struct Account: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable { case standard, enterprise }

    package struct Settings: Sendable, Equatable {
        package var abuseContactEmail: String?
        package var enforcesTwoFactor: Bool

        package init(abuseContactEmail: String? = nil, enforcesTwoFactor: Bool = false) {
            self.abuseContactEmail = abuseContactEmail
            self.enforcesTwoFactor = enforcesTwoFactor
        }
    }

    /// The organization that an account is in.
    package struct Owner: Sendable, Equatable {
        package let id: OrganizationID
        package let name: String

        package init(id: OrganizationID, name: String) {
            self.id = id
            self.name = name
        }
    }

    package let id: AccountID
    package var name: String
    package var kind: Kind
    package var settings: Settings
    /// `nil` for an account on its own.
    package var owner: Owner?
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    package var version: Int

    package init(
        id: AccountID, name: String, kind: Kind, settings: Settings, owner: Owner?, createdAt: Timestamp,
        updatedAt: Timestamp, version: Int
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.settings = settings
        self.owner = owner
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }
}

/// What a caller asks for when creating an account.
package struct AccountDraft: Sendable, Equatable {
    package enum Place: Sendable, Equatable {
        /// The caller's only organization.
        case unsaid
        case organization(OrganizationID)
        case standalone
    }

    package var name: String
    package var kind: Account.Kind
    package var place: Place

    package init(name: String, kind: Account.Kind, place: Place) {
        self.name = name
        self.kind = kind
        self.place = place
    }
}

/// What a caller asks for when replacing an account's members.
package struct AccountChange: Sendable, Equatable {
    package let id: AccountID
    package let name: String
    package let kind: Account.Kind
    package let settings: Account.Settings

    package init(id: AccountID, name: String, kind: Account.Kind, settings: Account.Settings) {
        self.id = id
        self.name = name
        self.kind = kind
        self.settings = settings
    }
}

/// Where an account was and where it is now.
package struct AccountMove: Sendable, Equatable {
    package let account: AccountID
    package let source: OrganizationID?
    package let destination: OrganizationID?

    package init(account: AccountID, source: OrganizationID?, destination: OrganizationID?) {
        self.account = account
        self.source = source
        self.destination = destination
    }
}
