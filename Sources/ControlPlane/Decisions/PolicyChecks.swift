package import Domain
package import Primitives
package import Store

/// Whom a question about access is about: somebody who came before, or somebody who might come.
package struct AskedVisitor: Sendable {
    package var email: String?
    package var address: IPAddress?
    package var country: String?
    /// Replace those of the last login; `nil` leaves them.
    package var groups: [String]?
    package var amr: [String]?
    package var provider: IdentityProviderID?

    package init(
        email: String?, address: IPAddress?, country: String?, groups: [String]?, amr: [String]?,
        provider: IdentityProviderID?
    ) {
        self.email = email
        self.address = address
        self.country = country
        self.groups = groups
        self.amr = amr
        self.provider = provider
    }
}

/// What an application's policies say to somebody.
package struct PolicyCheck: Sendable {
    package let application: Application
    package let visitor: Visitor
    package let explanation: Explanation
    /// Names of the groups that the explanation leads through.
    package let groups: [GroupID: String]
}

/// What policies say to somebody.
package struct PolicyAnswer: Sendable {
    package let visitor: Visitor
    package let explanation: Explanation
    /// Names of the groups that the explanation leads through.
    package let groups: [GroupID: String]
}

extension Reading {
    /// - Throws: 12135 for an unknown application; 12130 for an identity provider that the account does not have.
    package func policyCheck(
        of key: ApplicationKey, for asked: AskedVisitor, in account: AccountID, at now: Timestamp
    ) throws(Failure) -> PolicyCheck {
        guard let application = try application(key, in: account) else {
            throw .refused(.accessNotFound, "application not found")
        }
        let answer = try answer(of: try policySet(of: application.id, in: account), to: asked, in: account, at: now)
        return PolicyCheck(
            application: application, visitor: answer.visitor, explanation: answer.explanation, groups: answer.groups)
    }

    /// What policies say to somebody, whether or not an application has them.
    ///
    /// - Throws: 12130 for an identity provider that the account does not have.
    package func answer(
        of policies: PolicySet, to asked: AskedVisitor, in account: AccountID, at now: Timestamp
    ) throws(Failure) -> PolicyAnswer {
        var visitor = Visitor(
            identity: try identity(of: asked, in: account, at: now), address: asked.address, country: asked.country)
        if let email = visitor.identity?.email, policies.looksAtMemberships {
            visitor.memberships = try memberships(of: email)
        }
        let explanation = policies.explain(visitor)
        var names: [GroupID: String] = [:]
        for case let group? in explanation.findings.flatMap(\.path).map(\.group) where names[group] == nil {
            names[group] = try self.group(group, in: account)?.name
        }
        return PolicyAnswer(visitor: visitor, explanation: explanation, groups: names)
    }

    /// The identity with which somebody came last, changed as asked; made up of the question where nobody came.
    private func identity(
        of asked: AskedVisitor, in account: AccountID, at now: Timestamp
    ) throws(Failure) -> Identity? {
        guard let email = asked.email else { return nil }
        let user = try accessUser(withEmail: email, in: account)
        let last = try user.flatMap { (user) throws(Failure) in
            try lastIdentity(of: user.id, in: account).flatMap(Identity.init(document:))
        }
        var claims = last?.claims ?? [:]
        if let groups = asked.groups { claims["groups"] = groups }
        return Identity(
            user: user?.id ?? AccessUserID(high: 0, low: 0), email: last?.email ?? email,
            name: last?.name ?? user?.name ?? "",
            provider: try provider(asked.provider, last?.provider, in: account), subject: last?.subject ?? "",
            groups: asked.groups ?? last?.groups ?? [], amr: asked.amr ?? last?.amr ?? [], acrs: last?.acrs ?? [],
            oidcFields: last?.oidcFields ?? .emptyObject, claims: claims,
            authenticatedAt: last?.authenticatedAt ?? now)
    }

    /// The provider that is asked for, else that of the last login, else the only one there is. Where there are several,
    /// nobody can know: a provider that no rule names stands for that.
    private func provider(
        _ asked: IdentityProviderID?, _ last: LoginProvider?, in account: AccountID
    ) throws(Failure) -> LoginProvider {
        if asked == nil, let last { return last }
        let all =
            try identityProviders(of: account).map { LoginProvider(id: $0.id, type: $0.type, source: nil) }
            + connections(of: account).map { connection in
                LoginProvider(
                    id: connection.id, type: connection.source.type,
                    source: BridgedSource(account: connection.source.account, provider: connection.source.id))
            }
        if let asked {
            guard let found = all.first(where: { $0.answers(to: asked) }) else {
                throw .refused(.accessInvalidRequest, "the identity provider does not exist", at: "?idp_id")
            }
            return found
        }
        if let only = all.first, all.count == 1 { return only }
        return LoginProvider(id: IdentityProviderID(high: 0, low: 0), type: .oidc, source: nil)
    }
}

extension PolicySet {
    var looksAtMemberships: Bool {
        func looks(_ rules: RuleSet) -> Bool {
            rules.contains { if case .accountMember = $0 { true } else { false } }
        }
        return policies.contains { looks($0.rules) } || groups.values.contains(where: looks)
    }
}
