import Crypto
package import Domain
package import Primitives
package import Store

/// Tokens of applications, in cookies and in `Cf-Access-Token`.
extension Gatekeeper {
    /// - Returns: `nil` when the token is no good here, so that another credential may be.
    func judge(
        token text: String, _ request: GateRequest, _ visitor: Visitor, _ application: GuardedApplication
    ) throws(Failure) -> GateVerdict? {
        guard let pass = try pass(text), pass.token.application == application.id, isBound(pass.token, request) else {
            return nil
        }
        if let settled = pass.settled { return settled }
        var visitor = visitor
        switch pass.token.holder {
        case .person(let session):
            guard let identity = pass.identity, application.accepts(identity.provider, email: session.email) else {
                return nil
            }
            visitor.identity = identity
            if application.policies.asksForMemberships { visitor.memberships = try memberships(of: pass) }
        case .service(let id):
            // Where service tokens are strict, each request must bring the pair itself.
            if application.team.isServiceAuthStrict { return nil }
            visitor.serviceToken = id
        }
        let verdict = try verdict(for: visitor, on: pass, text, application)
        // A machine's session is renewed as time passes, so its answer is never the last word.
        if !application.policies.isContinuous, pass.identity != nil { pass.settled = verdict }
        return verdict
    }

    private func verdict(
        for visitor: Visitor, on pass: GateMemory.Pass, _ text: String, _ application: GuardedApplication
    ) throws(Failure) -> GateVerdict {
        let decision = application.policies.decision(for: visitor)
        if !decision.precedesIdentity, let identity = pass.identity, application.policies.asksMore(than: identity) {
            // A rule that is newer than the session asks a service: the way through the team's sign-in does so.
            return .loginNeeded
        }
        switch decision {
        case .bypass: return .open
        case .allow, .service:
            if case .service(let id) = pass.token.holder {
                return try renew(pass, id, text, decision, application)
            }
            return .pass(
                GatePass(
                    application: application, assertion: text, email: pass.identity?.email ?? "",
                    user: pass.identity?.user))
        case .deny, .unmatched:
            guard let identity = pass.identity else { return .deniedWithoutIdentity }
            return .denied(email: identity.email)
        }
    }

    /// The live token behind a text, whatever its application.
    func pass(_ text: String) throws(Failure) -> GateMemory.Pass? {
        guard text.utf8.count <= 8192 else { return nil }
        let digest = SHA256.hash(text)
        if let known = memory.pass(digest) { return known.isGood(at: desk.now) ? known : nil }
        guard let found = try desk.reader.applicationToken(digest.bytes, at: desk.now) else { return nil }
        let pass: GateMemory.Pass
        switch found.holder {
        case .person(let session):
            guard let identity = Identity(document: session.identity) else {
                throw .inconsistent("the identity of a session cannot be read")
            }
            pass = GateMemory.Pass(digest: digest, token: found, identity: identity, email: session.email)
        case .service: pass = GateMemory.Pass(digest: digest, token: found, identity: nil, email: "")
        }
        memory.keep(pass)
        return pass
    }

    private func memberships(of pass: GateMemory.Pass) throws(Failure) -> Set<AccountID> {
        if let known = pass.memberships { return known }
        let found = try desk.reader.memberships(of: pass.email)
        pass.memberships = found
        return found
    }

    func isBound(_ token: ApplicationToken, _ request: GateRequest) -> Bool {
        guard let digest = token.bindingDigest else { return true }
        guard let binding = request.binding else { return false }
        return constantTimeEqual(SHA256.hash(binding).bytes, digest)
    }

    /// The other applications of the account of which the request brings a valid token.
    func linkedApplications(
        _ request: GateRequest, _ application: GuardedApplication
    ) throws(Failure) -> Set<ApplicationID> {
        var linked: Set<ApplicationID> = []
        if let bearer = request.bearer,
            let id = try desk.saasApplication(ofAccessToken: bearer, in: application.account)
        {
            linked.insert(id)
        }
        for text in request.presented.prefix(4) {
            if let id = try desk.saasApplication(ofAccessToken: text, in: application.account) {
                linked.insert(id)
                continue
            }
            guard let pass = try pass(text), pass.token.application != application.id, isBound(pass.token, request),
                let other = try desk.application(pass.token.application, of: application.account)
            else { continue }
            if let identity = pass.identity, !other.accepts(identity.provider, email: pass.email) { continue }
            linked.insert(other.id)
        }
        return linked
    }
}

/// Who somebody is, for `get-identity` and logout.
package struct Acquaintance: Sendable {
    package let holder: TokenHolder
    package let identity: Identity?
    package let application: GuardedApplication?
    package let issuedAt: Timestamp

    package init(holder: TokenHolder, identity: Identity?, application: GuardedApplication?, issuedAt: Timestamp) {
        self.holder = holder
        self.identity = identity
        self.application = application
        self.issuedAt = issuedAt
    }
}

extension Gatekeeper {
    /// The first good token of an application on a host of the account.
    package func acquaintance(
        _ request: GateRequest, on host: String, of account: AccountID
    ) throws(Failure) -> Acquaintance? {
        for text in request.cookies.prefix(4) + request.presented.prefix(4) {
            guard let pass = try pass(text), isBound(pass.token, request),
                let application = try desk.application(pass.token.application, of: account),
                try desk.access.allPlaces(host: host, in: desk.reader).contains(where: {
                    $0.application == application.id
                })
            else { continue }
            switch pass.token.holder {
            case .person(let session):
                guard let identity = pass.identity, application.accepts(identity.provider, email: session.email) else {
                    continue
                }
            case .service: if application.team.isServiceAuthStrict { continue }
            }
            return Acquaintance(
                holder: pass.token.holder, identity: pass.identity, application: application,
                issuedAt: pass.token.createdAt)
        }
        return nil
    }
}
