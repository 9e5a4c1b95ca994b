package import Crypto
package import Domain
package import Federation
import OAuth
package import Primitives
package import Store

/// A person who came in with an ID token of a primary IdP.
package struct PersonalCredential: Sendable {
    package let principal: Principal
    /// The designated provider, for the record of logins.
    package let provider: IdentityProviderID
    package let email: String
    /// How long the judgement holds.
    package let hold: TokenHold

    package init(principal: Principal, provider: IdentityProviderID, email: String, hold: TokenHold) {
        self.principal = principal
        self.provider = provider
        self.email = email
        self.hold = hold
    }
}

/// What must still be so for a judged token to be good without being judged again.
package struct TokenHold: Sendable, Equatable {
    let identity: UInt64
    let revision: UInt64
    let until: Timestamp

    package init(_ generations: Generations, _ keys: KeyCache, until: Timestamp) {
        self.init(identity: generations[.identity], revision: keys.revision, until: until)
    }

    init(identity: UInt64, revision: UInt64, until: Timestamp) {
        self.identity = identity
        self.revision = revision
        self.until = until
    }

    /// - Parameter keys: where the judgement took its keys from.
    package func isGood(_ generations: Generations, _ keys: KeyCache, at now: Timestamp) -> Bool {
        now < until && identity == generations[.identity] && revision == keys.revision
    }
}

/// What an ID token means as an API credential.
package enum Recognition: Sendable {
    case person(PersonalCredential)
    /// Not a token of a primary IdP, not a valid one, or of nobody who is a member.
    case nobody
    case undecided(TokenNeed)
}

extension TokenDesk {
    /// Finds the member whom an ID token names (contract 00, authentication of the REST API).
    ///
    /// The issuer must be the primary IdP of an organization, and the rights are those of the person's memberships in
    /// the tree of that organization: whoever runs an identity provider can speak for any address, but in their own
    /// organization only. For the same reason the user's own resources, such as their API tokens, stay out of reach.
    package func recognize(
        _ token: [UInt8], digest: Digest32, in reader: any Reading, _ generations: Generations, at now: Timestamp
    ) throws(Failure) -> Recognition {
        let trust = try primaryTrust(in: reader)
        // Read before judging: a change in between only makes the hold shorter.
        let (identity, revision) = (generations[.identity], judge.keys.revision)
        switch judge.verified(token, digest: digest, trust.issuers, TokenExpectation(), at: now) {
        case .undecided(let need): return .undecided(need)
        case .rejected: return .nobody
        case .valid(let valid, let until):
            guard let provider = valid.identityProvider, let email = valid.email,
                let (user, grants) = try reader.member(email: email, of: trust.organizations[provider] ?? [])
            else { return .nobody }
            return .person(
                PersonalCredential(
                    principal: Principal(
                        user: user.id, email: user.email, token: nil, grants: grants, ceiling: nil, isRoot: false),
                    provider: provider, email: user.email,
                    hold: TokenHold(identity: identity, revision: revision, until: until)))
        }
    }

    /// Somebody who came in through a primary IdP before, with the rights that they have now; `nil` once they are a member
    /// of none of the organizations that designate it.
    package func member(
        _ id: UserID, through provider: IdentityProviderID, in reader: any Reading
    ) throws(Failure) -> (principal: Principal, user: User)? {
        guard let known = try reader.user(id),
            let organizations = try primaryTrust(in: reader).organizations[provider],
            let (user, grants) = try reader.member(email: known.email, of: organizations)
        else { return nil }
        let principal = Principal(
            user: user.id, email: user.email, token: nil, grants: grants, ceiling: nil, isRoot: false)
        return (principal, user)
    }
}

extension TokenDesk {
    /// The member for whom a program acts that shows an access token of the API. Looked up at every request, with the rights
    /// that the person has now, which are those of an ID token.
    ///
    /// - Parameter digest: SHA-256 of the token.
    package func agent(
        _ digest: Digest32, in reader: any Reading, at now: Timestamp
    ) throws(Failure) -> Principal? {
        guard let access = try reader.managedAccess(digest.bytes, at: now), access.grant.application == nil,
            let organizations = try primaryTrust(in: reader).organizations[access.grant.provider],
            let (user, grants) = try reader.member(email: access.grant.email, of: organizations)
        else { return nil }
        var principal = Principal(
            user: user.id, email: user.email, token: nil, grants: grants, ceiling: nil, isRoot: false)
        principal.agent = Principal.Agent(
            id: APITokenID(high: access.grant.client.high, low: access.grant.client.low), clientID: access.clientID,
            name: access.clientName)
        return principal
    }

    /// Whether people can come in to the API with what an identity provider says of them.
    package func admitsPeople(in reader: any Reading) throws(Failure) -> Bool {
        try !primaryTrust(in: reader).organizations.isEmpty
    }
}

extension Reading {
    /// The user with an address and what they may do in the trees of organizations; `nil` for nobody who is a member there.
    func member(
        email: String, of organizations: [OrganizationID]
    ) throws(Failure) -> (user: User, grants: [RightsGrant])? {
        guard let user = try user(email: email) else { return nil }
        var grants: [RightsGrant] = []
        for organization in organizations {
            grants += try self.grants(ofUser: user.id, within: organization).filter { !grants.contains($0) }
        }
        guard !grants.isEmpty else { return nil }
        grants.append(RightsGrant(effect: .allow, permissions: [.userDetailsRead], scope: .user(user.id)))
        return (user, grants)
    }
}
