package import Primitives

/// What a designated primary IdP does to the accounts that it governs.
package enum PrimaryMode: String, Sendable, CaseIterable {
    /// Only measure.
    case report
    /// Also refuse every other way of signing in.
    case enforce
}

/// The primary IdP that an organization designated (contract 30 §6).
package struct PrimaryIdP: Sendable, Equatable {
    package let organization: OrganizationID
    package let account: AccountID
    package let identityProvider: IdentityProviderID
    package let grant: GrantID
    package let share: ShareID
    /// The recipient of the share that stands for the organization.
    package let recipient: ShareRecipientID
    package var mode: PrimaryMode
    package var exempt: [AccountID]
    package var breakGlass: [String]
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    package var version: Int

    package init(
        organization: OrganizationID, account: AccountID, identityProvider: IdentityProviderID, grant: GrantID,
        share: ShareID, recipient: ShareRecipientID, mode: PrimaryMode, exempt: [AccountID], breakGlass: [String],
        createdAt: Timestamp, updatedAt: Timestamp, version: Int
    ) {
        self.organization = organization
        self.account = account
        self.identityProvider = identityProvider
        self.grant = grant
        self.share = share
        self.recipient = recipient
        self.mode = mode
        self.exempt = exempt
        self.breakGlass = breakGlass
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }

    /// The share that the one-call designation makes or reuses.
    package static let shareName = "Primary identity provider"
    package static let breakGlassLimit = 5
}

/// What a caller asks for when designating a primary IdP.
package struct PrimaryIdPDraft: Sendable, Equatable {
    package let account: AccountID
    package let identityProvider: IdentityProviderID
    package let mode: PrimaryMode
    package let exempt: [AccountID]
    package let breakGlass: [String]
    /// Leave the designation before this one shared with the organization.
    package let keepsPrevious: Bool

    package init(
        account: AccountID, identityProvider: IdentityProviderID, mode: PrimaryMode, exempt: [AccountID],
        breakGlass: [String], keepsPrevious: Bool
    ) {
        self.account = account
        self.identityProvider = identityProvider
        self.mode = mode
        self.exempt = exempt
        self.breakGlass = breakGlass
        self.keepsPrevious = keepsPrevious
    }
}

/// How an account stands to the primary IdP that governs it.
package enum BridgeStatus: String, Sendable, CaseIterable {
    case source, exempt, bridged, missing
}

/// An account as the designation nearest to it sees it.
package struct GovernedAccount: Sendable, Equatable {
    package let account: AccountID
    package let name: String
    package let organization: OrganizationID
    package let mode: PrimaryMode
    package let status: BridgeStatus
    package let grant: GrantID
    package let sourceAccount: AccountID
    package let sourceIdentityProvider: IdentityProviderID
    package let connection: IdentityProviderID?
    package let hasZeroTrust: Bool

    package init(
        account: AccountID, name: String, organization: OrganizationID, mode: PrimaryMode, status: BridgeStatus,
        grant: GrantID, sourceAccount: AccountID, sourceIdentityProvider: IdentityProviderID,
        connection: IdentityProviderID?, hasZeroTrust: Bool
    ) {
        self.account = account
        self.name = name
        self.organization = organization
        self.mode = mode
        self.status = status
        self.grant = grant
        self.sourceAccount = sourceAccount
        self.sourceIdentityProvider = sourceIdentityProvider
        self.connection = connection
        self.hasZeroTrust = hasZeroTrust
    }

    /// The identity provider that people of this account should use: the connection, or at the source the primary itself.
    package var allowed: IdentityProviderID? { status == .source ? sourceIdentityProvider : connection }

    /// Whether other identity providers are refused here.
    package var isEnforced: Bool { mode == .enforce && status != .exempt }
}
