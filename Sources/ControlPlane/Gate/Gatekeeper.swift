import Crypto
import Domain
import Primitives
package import Store

/// Decides on one loop who gets through to applications. The way in costs at most one question to the database, and none
/// for a token that was seen since anything last changed.
///
/// Only admissions are remembered, and all of them are forgotten whenever any resource changes or any session ends.
package final class Gatekeeper {
    let desk: LoginDesk
    private var passes: [Pass?] = []
    private var generation: UInt64 = .max
    private static let capacity = 4096

    /// A token that was good, with all that its next use depends on.
    struct Pass {
        let digest: Digest32
        let token: ApplicationToken
        let identity: Identity?
        let email: String
    }

    package init(desk: LoginDesk) { self.desk = desk }

    /// Call ``LoginDesk/refresh()`` first.
    package func judge(_ request: GateRequest) throws(Failure) -> GateVerdict {
        let current = desk.plane.store.generations[.access]
        if current != generation {
            passes = []
            generation = current
        }
        guard let place = try desk.access.place(host: request.host, path: request.path, in: desk.reader) else {
            // A host that is guarded in part is somebody's: what lies beside its applications is not open.
            return .unknownHost
        }
        guard let application = try desk.application(place.application, of: place.account) else {
            // The account has no team, so nobody can sign in.
            return .unknownHost
        }
        if application.publicPatterns(of: place.destination).contains(where: { PlaceMatch.covers($0, request.path) }) {
            return .open
        }
        return try judge(request, application)
    }

    private func judge(_ request: GateRequest, _ application: GuardedApplication) throws(Failure) -> GateVerdict {
        switch request.service {
        case .absent: break
        case .malformed where application.team.isServiceAuthStrict: return .badServiceToken(application)
        case .malformed: break
        case .pair(let client, let secret):
            if let verdict = try judge(client, secret, request, application) { return verdict }
        }
        for text in request.tokens {
            if let verdict = try judge(token: text, request, application) { return verdict }
        }
        switch application.policies.decisionBeforeIdentity(for: visitor(nil, request)) {
        case .bypass: return .open
        case .service: return try admitAnonymously(application)
        case .allow, .deny, .unmatched, nil: break
        }
        return application.policies.asksForIdentity ? .loginNeeded(application) : .serviceNeeded(application)
    }

    // MARK: People

    /// - Returns: `nil` when the token is no good here, so that another credential may be.
    private func judge(
        token text: String, _ request: GateRequest, _ application: GuardedApplication
    ) throws(Failure) -> GateVerdict? {
        let digest = SHA256.hash(text)
        let pass: Pass
        if let known = remembered(digest) {
            guard desk.now < known.token.expiresAt else { return nil }
            pass = known
        } else {
            guard let found = try desk.reader.applicationToken(digest.bytes, at: desk.now) else { return nil }
            switch found.holder {
            case .person(let session):
                guard let identity = Identity(document: session.identity) else {
                    throw .inconsistent("the identity of a session cannot be read")
                }
                pass = Pass(digest: digest, token: found, identity: identity, email: session.email)
            case .service: pass = Pass(digest: digest, token: found, identity: nil, email: "")
            }
        }
        guard pass.token.application == application.id, isBound(pass.token, request) else { return nil }
        var visitor = visitor(pass.identity, request)
        switch pass.token.holder {
        case .person(let session):
            guard let identity = pass.identity, application.accepts(identity.provider, email: session.email) else {
                return nil
            }
            visitor.memberships = try desk.reader.memberships(of: session.email)
        case .service(let id): visitor.serviceToken = id
        }
        switch application.policies.decision(for: visitor) {
        case .bypass: return .open
        case .allow, .service:
            remember(pass)
            return .pass(
                GatePass(
                    application: application, assertion: text, email: pass.identity?.email ?? "",
                    user: pass.identity?.user))
        case .deny, .unmatched:
            guard let identity = pass.identity else { return .deniedWithoutIdentity(application) }
            return .denied(application, email: identity.email)
        }
    }

    private func isBound(_ token: ApplicationToken, _ request: GateRequest) -> Bool {
        guard let digest = token.bindingDigest else { return true }
        guard let binding = request.binding else { return false }
        return constantTimeEqual(SHA256.hash(binding).bytes, digest)
    }

    private func visitor(_ identity: Identity?, _ request: GateRequest) -> Visitor {
        var visitor = Visitor(
            identity: identity, address: request.address, country: request.country.isEmpty ? nil : request.country)
        visitor.certificate = request.certificate
        return visitor
    }

    // MARK: Machines

    private func judge(
        _ client: ServiceTokenClientID, _ secret: Secret<String>, _ request: GateRequest,
        _ application: GuardedApplication
    ) throws(Failure) -> GateVerdict? {
        let refusal: GateVerdict? = application.team.isServiceAuthStrict ? .badServiceToken(application) : nil
        guard
            let token = try desk.reader.liveServiceToken(client, in: application.account, at: desk.now),
            token.accepts(SHA256.hash(secret.exposed()).bytes, at: desk.now)
        else { return refusal }
        var visitor = visitor(nil, request)
        visitor.serviceToken = token.id
        switch application.policies.decisionBeforeIdentity(for: visitor) {
        case .bypass: return .open
        case .service(let policy): return try admit(client, policy, application)
        case .allow, .deny, .unmatched, nil:
            return application.team.isServiceAuthStrict ? .deniedWithoutIdentity(application) : nil
        }
    }

    private func admit(
        _ client: ServiceTokenClientID, _ policy: PolicyID, _ application: GuardedApplication
    ) throws(Failure) -> GateVerdict {
        guard let key = try desk.plane.teamKey(of: application.account, in: desk.reader) else {
            throw .inconsistent("the account has no signing key yet")
        }
        let now = desk.now
        let lifetime = max(application.tokenLifetime(application.policies.policy(policy)), .seconds(60))
        let assertion = try key.sign(
            payload: TeamTokens.service(
                application, clientID: client, issuer: desk.plane.settings.teamOrigin(application.team.team),
                policy: policy, from: now, until: now + lifetime))
        return .pass(GatePass(application: application, assertion: assertion, email: "", user: nil))
    }

    /// A `non_identity` policy that asks for no token, such as one for an address range: let through, known to nobody.
    private func admitAnonymously(_ application: GuardedApplication) throws(Failure) -> GateVerdict {
        .pass(GatePass(application: application, assertion: "", email: "", user: nil))
    }

    // MARK: Memory

    private func remembered(_ digest: Digest32) -> Pass? {
        guard !passes.isEmpty, let pass = passes[Self.slot(digest)], pass.digest == digest else { return nil }
        return pass
    }

    private func remember(_ pass: Pass) {
        if passes.isEmpty { passes = Array(repeating: nil, count: Self.capacity) }
        passes[Self.slot(pass.digest)] = pass
    }

    private static func slot(_ digest: Digest32) -> Int { Int(digest.words.3 % UInt64(capacity)) }
}
