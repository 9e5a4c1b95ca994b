import Domain
import JSON
import OAuth
import Primitives
import Store

/// Whether a client may act for a person at an application, or at the API, now. The same question is asked at consent, for
/// each token and at each use, so that a client never has more than its person.
enum AgentAdmission {
    enum Verdict: Equatable {
        /// - Parameter policy: `nil` at the API, which has none.
        case admitted(JudgedPolicy?)
        /// - Parameter reason: as the log of logins says it.
        case refused(reason: String, policy: PolicyID?)
    }

    static func judge(
        _ identity: Identity, at target: OAuthTarget, from address: IPAddress, country: String,
        in reader: any Reading, now: Timestamp
    ) throws(Failure) -> Verdict {
        guard try reader.revocation(of: identity.email, in: target.account, at: now) == nil else {
            return .refused(reason: "revoked", policy: nil)
        }
        switch target {
        case .application(let application):
            return try judge(identity, at: application, from: address, country: country, in: reader)
        case .api(let api): return try judge(identity, at: api, in: reader)
        }
    }

    /// The facts are those of the gate (``Gatekeeper``): identity, memberships, and address and country of who asks. What only
    /// a request to the application brings is unknown, so that no rule is fulfilled by it and none excludes nobody.
    private static func judge(
        _ identity: Identity, at application: GuardedApplication, from address: IPAddress, country: String,
        in reader: any Reading
    ) throws(Failure) -> Verdict {
        guard application.accepts(identity.provider, email: identity.email) else {
            return .refused(reason: "idp_not_allowed", policy: nil)
        }
        var visitor = Visitor(identity: identity, address: address, country: country.isEmpty ? nil : country)
        visitor.isAtApplication = false
        if application.policies.asksForMemberships { visitor.memberships = try reader.memberships(of: identity.email) }
        switch application.policies.decision(for: visitor) {
        case .allow(let id), .bypass(let id), .service(let id):
            guard let policy = application.policies.policy(id) else {
                throw .inconsistent("a policy that decided is gone")
            }
            // A reason or an approval is for one visit of the person; a client would go on for days.
            guard policy.terms.purpose == .notAsked, policy.terms.approvals.isEmpty else {
                return .refused(reason: "needs_approval", policy: id)
            }
            return .admitted(policy)
        case .deny(let id): return .refused(reason: "denied", policy: id)
        case .unmatched: return .refused(reason: "denied", policy: nil)
        }
    }

    /// Members of an organization, through its primary identity provider.
    private static func judge(
        _ identity: Identity, at api: APITarget, in reader: any Reading
    ) throws(Failure) -> Verdict {
        let provider = identity.provider.id
        guard let organizations = api.organizations[provider],
            api.team.logins.accepts(provider, email: identity.email)
        else { return .refused(reason: "idp_not_allowed", policy: nil) }
        guard try reader.member(email: identity.email, of: organizations) != nil else {
            return .refused(reason: "not_a_member", policy: nil)
        }
        return .admitted(nil)
    }
}

extension GuardedApplication {
    /// How long a grant lasts that `policy` admitted; zero where sessions have no length.
    func grantLifetime(_ policy: JudgedPolicy?, _ rules: ManagedOAuthRules) -> Duration {
        guard tokenLifetime(policy) != .zero else { return .zero }
        return rules.sessionDuration ?? document["session_duration"]?.duration ?? .seconds(24 * 3600)
    }
}
