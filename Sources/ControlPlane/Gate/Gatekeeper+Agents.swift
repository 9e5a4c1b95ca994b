import Crypto
import Domain
import OAuth
import Primitives
import Store

/// Access tokens of managed OAuth: programs that act for people (contract 50 §11).
extension Gatekeeper {
    private static let assertionLifetime = Duration.seconds(60)

    func judge(
        agent token: String, _ request: GateRequest, _ visitor: Visitor, _ application: GuardedApplication
    ) throws(Failure) -> GateVerdict {
        guard let agent = try agent(token, at: application) else {
            // Where nobody is asked for anything, a token that is no good does no harm.
            if case .bypass = application.policies.decisionBeforeIdentity(for: visitor) { return .open }
            return .badAgentToken
        }
        if let policy = agent.settled { return try pass(agent, policy, application) }
        var visitor = visitor
        visitor.identity = agent.identity
        if application.policies.asksForMemberships { visitor.memberships = try memberships(of: agent) }
        switch application.policies.decision(for: visitor) {
        case .bypass: return .open
        case .allow(let policy), .service(let policy):
            if !application.policies.isContinuous { agent.settled = policy }
            return try pass(agent, policy, application)
        case .deny, .unmatched: return .denied(email: agent.identity.email)
        }
    }

    /// The live grant behind a token, where it is for this application and may still be used.
    private func agent(_ token: String, at application: GuardedApplication) throws(Failure) -> GateMemory.Agent? {
        guard token.utf8.count <= 256, let rules = application.managedOAuth else { return nil }
        let digest = SHA256.hash(token)
        let agent: GateMemory.Agent
        if let known = memory.agents[digest] {
            guard known.access.isGood(at: desk.now) else { return nil }
            agent = known
        } else {
            guard let access = try desk.reader.managedAccess(digest.bytes, at: desk.now) else { return nil }
            guard let identity = Identity(document: access.grant.identity) else {
                throw .inconsistent("the identity of a grant cannot be read")
            }
            agent = GateMemory.Agent(access, identity)
            memory.keep(agent, as: digest)
        }
        guard agent.access.grant.application == application.id,
            agent.access.kind == .registered || rules.admitsUnknownClients,
            application.accepts(agent.identity.provider, email: agent.access.grant.email)
        else { return nil }
        return agent
    }

    private func memberships(of agent: GateMemory.Agent) throws(Failure) -> Set<AccountID> {
        if let known = agent.memberships { return known }
        let found = try desk.reader.memberships(of: agent.access.grant.email)
        agent.memberships = found
        return found
    }

    private func pass(
        _ agent: GateMemory.Agent, _ policy: PolicyID, _ application: GuardedApplication
    ) throws(Failure) -> GateVerdict {
        guard let assertion = try assertion(for: agent, policy, application) else {
            return .keyNeeded(application.account)
        }
        var pass = GatePass(
            application: application, assertion: assertion, email: agent.identity.email, user: agent.identity.user)
        pass.agent = ActingAgent(clientID: agent.access.clientID, name: agent.access.clientName)
        return .pass(pass)
    }

    /// A token for the application, of at most a minute. A signature takes a third of a millisecond, so that one serves
    /// for half its life.
    private func assertion(
        for agent: GateMemory.Agent, _ policy: PolicyID, _ application: GuardedApplication
    ) throws(Failure) -> String? {
        let now = desk.now
        if let known = agent.assertion, known.isGood(at: now) { return known.text }
        guard let key = try desk.plane.teamKey(of: application.account, in: desk.reader) else { return nil }
        let end = min(now + Self.assertionLifetime, agent.access.expiresAt)
        let text = try key.sign(
            payload: TeamTokens.agent(
                application, agent.identity, agent.access,
                issuer: desk.plane.settings.teamOrigin(application.team.team), policy: policy, from: now, until: end))
        agent.assertion = GateMemory.Assertion(text: text, start: now, end: now + (end - now) / 2)
        return text
    }
}
