package import Domain
package import JSON
import Primitives
package import Store

/// How an account lets people in: its team, its session, and the identity providers that may be used now.
package struct TeamSettings: Sendable {
    package let account: AccountID
    package let team: String
    package let name: String
    /// Everything else of the Zero Trust organization.
    package let document: JSONObject
    package let logins: LoginRules

    /// The global session.
    package var sessionDuration: Duration? { document["session_duration"]?.duration }
    package var isAutoRedirecting: Bool { document["auto_redirect_to_identity"]?.boolValue ?? false }
    package var isServiceAuthStrict: Bool { document["strict_service_token_auth"]?.boolValue ?? true }
    package var deniesUnmatchedRequests: Bool { document["deny_unmatched_requests"]?.boolValue ?? true }
}

/// Which identity providers of an account people may use.
package struct LoginRules: Sendable {
    /// Own ones and connections, in order of creation.
    package let choices: [LoginChoice]
    /// The one that an enforced primary IdP leaves; `nil` without enforcement.
    package let enforced: EnforcedLogin?

    package struct EnforcedLogin: Sendable {
        package let allowed: IdentityProviderID?
        /// Addresses that may use the others, lowercase.
        package let breakGlass: Set<String>
    }

    /// Whether a session that began through this identity provider is good now: as long as the provider or connection is
    /// there, and enforcement allows it (contract 30 §4 and §9).
    package func accepts(_ provider: IdentityProviderID, email: String) -> Bool {
        guard choice(provider) != nil else { return false }
        guard let enforced else { return true }
        return enforced.allowed == provider || enforced.breakGlass.contains(email.lowercased())
    }

    package func choice(_ id: IdentityProviderID) -> LoginChoice? { choices.first { $0.id == id } }

    /// What a login page offers.
    ///
    /// - Parameters:
    ///   - allowed: `allowed_idps` of the application; empty for all.
    ///   - breakingGlass: also what enforcement keeps back.
    package func offered(allowed: [IdentityProviderID], breakingGlass: Bool) -> [LoginChoice] {
        choices.filter { choice in
            if let enforced, !breakingGlass, enforced.allowed != choice.id { return false }
            // Break-glass exists for when the primary is down: an application's list must not stand in its way.
            if enforced != nil, breakingGlass { return true }
            return allowed.isEmpty || allowed.contains(choice.id)
        }
    }
}

/// An identity provider on a login page.
package struct LoginChoice: Sendable, Equatable {
    package let id: IdentityProviderID
    package let name: String
    package let type: IdentityProviderType
    /// Where it is a connection: the grant and the far end.
    package let bridge: (grant: GrantID, source: BridgedSource)?

    package static func == (left: Self, right: Self) -> Bool { left.id == right.id && left.name == right.name }

    package var provider: LoginProvider { LoginProvider(id: id, type: type, source: bridge?.source) }
}

extension Reading {
    /// `nil` while the account has no team.
    package func teamSettings(of account: AccountID) throws(Failure) -> TeamSettings? {
        guard let organization = try zeroTrustOrganization(of: account) else { return nil }
        return TeamSettings(
            account: account, team: organization.team, name: organization.name,
            document: organization.document.object ?? JSONObject(), logins: try loginRules(of: account))
    }

    private func loginRules(of account: AccountID) throws(Failure) -> LoginRules {
        var choices = try identityProviders(of: account).map {
            LoginChoice(id: $0.id, name: $0.name, type: $0.type, bridge: nil)
        }
        choices += try connections(of: account).map { connection in
            let source = BridgedSource(account: connection.source.account, provider: connection.source.id)
            return LoginChoice(
                id: connection.id, name: connection.source.name, type: connection.source.type,
                bridge: (connection.grant, source))
        }
        guard let governed = try governed(account), governed.isEnforced else {
            return LoginRules(choices: choices, enforced: nil)
        }
        let emails = try primaryIdP(of: governed.organization)?.breakGlass.map { $0.lowercased() } ?? []
        return LoginRules(
            choices: choices,
            enforced: LoginRules.EnforcedLogin(allowed: governed.allowed, breakGlass: Set(emails)))
    }
}

extension JSONValue {
    /// A duration of the v4 API; `nil` for anything else.
    package var duration: Duration? { stringValue.flatMap { DurationText($0) }?.duration }
}
