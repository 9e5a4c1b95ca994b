import Domain
import OAuth
import Primitives
import Store

/// Whether a grant may go on: everything that was asked at consent is asked again, with the identity it rests on.
struct GrantReview {
    enum Verdict {
        /// - Parameter lifetime: of its next access token.
        case admitted(lifetime: Duration)
        case refused(reason: String, policy: PolicyID?)
    }

    private let caller: TokenCaller
    private let now: Timestamp

    init(_ exchange: TokenExchange) {
        caller = exchange.caller
        now = exchange.now
    }

    func review(
        _ grant: ManagedGrant, _ client: ManagedClient, _ transaction: WriteTransaction
    ) throws(Failure) -> Verdict {
        guard let team = try transaction.teamSettings(of: grant.account),
            let target = try target(of: grant, at: team, transaction), let rules = target.rules
        else { return .refused(reason: "oauth_disabled", policy: nil) }
        guard client.kind == .registered || rules.admitsUnknownClients else {
            return .refused(reason: "client_not_allowed", policy: nil)
        }
        guard let identity = Identity(document: grant.identity) else {
            throw .inconsistent("the identity of a grant cannot be read")
        }
        switch try AgentAdmission.judge(
            identity, at: target, from: caller.address, country: caller.country, in: transaction, now: now)
        {
        case .refused(let reason, let policy): return .refused(reason: reason, policy: policy)
        case .admitted(let policy):
            let isMomentary = grant.isMomentary || target.grantLifetime(policy, rules) == .zero
            return .admitted(lifetime: isMomentary ? ManagedGrant.momentaryLifetime : rules.accessTokenLifetime)
        }
    }

    private func target(
        of grant: ManagedGrant, at team: TeamSettings, _ transaction: WriteTransaction
    ) throws(Failure) -> OAuthTarget? {
        guard let id = grant.application else { return try transaction.apiTarget(at: team) }
        return try transaction.guardedApplication(id, of: team).map { .application($0) }
    }
}
