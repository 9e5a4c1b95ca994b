import Crypto
import Domain
import Primitives
package import Store

/// Service tokens (contract 40 §5).
extension Gatekeeper {
    /// - Returns: `nil` when the pair changes nothing: it is no good, or not admitted, and the account is not strict.
    func judge(
        _ client: ServiceTokenClientID, _ secret: Secret<String>, _ request: GateRequest, _ visitor: Visitor,
        _ application: GuardedApplication
    ) throws(Failure) -> GateVerdict? {
        let isStrict = application.team.isServiceAuthStrict
        let machine: KnownMachine
        switch try check(client, secret, request, application) {
        case .success(let known): machine = known
        case .failure(let fault): return isStrict ? .badServiceToken(fault) : nil
        }
        var visitor = visitor
        visitor.serviceToken = machine.id
        switch application.policies.decisionBeforeIdentity(for: visitor) {
        case .bypass: return .open
        case .service(let policy):
            noteUse(of: machine.id)
            let admission = ServiceAdmission(
                application: application, token: machine.id, client: client, policy: policy)
            return isStrict ? try vouch(admission) : try resume(admission, request)
        case .allow, .deny, .unmatched, nil:
            noteFault(.notAdmitted)
            log(.notAdmitted, machine.id, machine.name, client, request, application)
            return isStrict ? .deniedWithoutIdentity : nil
        }
    }

    private func check(
        _ client: ServiceTokenClientID, _ secret: Secret<String>, _ request: GateRequest,
        _ application: GuardedApplication
    ) throws(Failure) -> Result<KnownMachine, ServiceTokenFault> {
        let presented = SHA256.hash(secret.exposed())
        let key = GateMemory.MachineKey(client: client, account: application.account)
        if let known = memory.machines[key], known.isGood(presented, at: desk.now) { return .success(known) }
        guard let token = try desk.reader.liveServiceToken(client, in: application.account) else {
            noteFault(.unknown)
            return .failure(.unknown)
        }
        let outcome = token.check(presented, at: desk.now)
        switch outcome {
        case .success(let machine): memory.keep(machine, as: key)
        case .failure(let fault):
            noteFault(fault)
            log(fault, token.id, token.name, client, request, application)
        }
        return outcome
    }

    // MARK: Assertions

    /// Passes with a token that was made out lately. A signature takes longer than all the rest.
    func vouch(_ admission: ServiceAdmission) throws(Failure) -> GateVerdict {
        let application = admission.application
        let key = GateMemory.AssertionKey(place: admission.place, policy: admission.policy)
        if let known = memory.assertions[key], known.isGood(at: desk.now) {
            return .pass(admission.pass(known.text))
        }
        guard let signing = try desk.plane.teamKey(of: application.account, in: desk.reader) else {
            return .keyNeeded(application.account)
        }
        let lifetime = application.serviceLifetime(admission.policy)
        let now = desk.now
        let text = try sign(admission, with: signing, from: now, for: lifetime)
        memory.keep(GateMemory.Assertion(text: text, start: now, end: now + lifetime / 2), as: key)
        return .pass(admission.pass(text))
    }

    private func sign(
        _ admission: ServiceAdmission, with key: TeamKey, from now: Timestamp, for lifetime: Duration
    ) throws(Failure) -> String {
        try key.sign(
            payload: TeamTokens.service(
                admission.application, clientID: admission.client,
                issuer: desk.plane.settings.teamOrigin(admission.application.team.team), policy: admission.policy,
                from: now, until: now + lifetime))
    }

    // MARK: Sessions of accounts that are not strict

    /// Passes with the session that the service token has here, or asks for a new one.
    private func resume(_ admission: ServiceAdmission, _ request: GateRequest) throws(Failure) -> GateVerdict {
        for text in request.cookies.prefix(4) {
            if let pass = try pass(text), isUsable(pass, admission) { return .pass(admission.pass(text)) }
        }
        return try begin(admission)
    }

    /// A cookie that is about to end is replaced, and so is one that another policy admits now.
    func renew(
        _ pass: GateMemory.Pass, _ token: ServiceTokenID, _ text: String, _ decision: Decision,
        _ application: GuardedApplication
    ) throws(Failure) -> GateVerdict {
        let present = GatePass(application: application, assertion: text, email: "", user: nil)
        noteUse(of: token)
        guard case .service(let policy) = decision, hasNearlyEnded(pass.token),
            let client = try desk.reader.clientID(of: token)
        else { return .pass(present) }
        let verdict = try begin(
            ServiceAdmission(application: application, token: token, client: client, policy: policy))
        // Somebody else's request brings the new one.
        if case .pass(let pass) = verdict, pass.cookie == nil { return .pass(present) }
        return verdict
    }

    private func begin(_ admission: ServiceAdmission) throws(Failure) -> GateVerdict {
        let place = admission.place
        if let text = serviceSessions[place], let pass = try pass(text), isUsable(pass, admission) {
            var answer = admission.pass(text)
            answer.cookie = IssuedCookie(value: text, lifetime: pass.token.expiresAt - desk.now)
            return .pass(answer)
        }
        // Many requests may come before the first is answered: one of them begins the session.
        if sessionsUnderWay.contains(place) { return try vouch(admission) }
        guard try desk.plane.teamKey(of: admission.application.account, in: desk.reader) != nil else {
            return .keyNeeded(admission.application.account)
        }
        return .admit(admission)
    }

    private func isUsable(_ pass: GateMemory.Pass, _ admission: ServiceAdmission) -> Bool {
        pass.token.application == admission.application.id && pass.token.holder == .service(admission.token)
            && pass.token.policy == admission.policy && !hasNearlyEnded(pass.token)
    }

    /// Less than a tenth is left.
    private func hasNearlyEnded(_ token: ApplicationToken) -> Bool {
        token.expiresAt - desk.now < (token.expiresAt - token.createdAt) / 10
    }

    /// Begins the session of a service token.
    ///
    /// - Returns: `nil` when the token has ended meanwhile: judge again.
    package func admit(_ admission: ServiceAdmission) async throws(Failure) -> GatePass? {
        let place = admission.place
        guard sessionsUnderWay.insert(place).inserted else { return nil }
        defer { sessionsUnderWay.remove(place) }
        let key = try await desk.key(of: admission.application.account)
        let now = desk.now
        let lifetime = admission.application.serviceLifetime(admission.policy)
        let text = try sign(admission, with: key, from: now, for: lifetime)
        let row = ApplicationToken(
            application: admission.application.id, holder: .service(admission.token), policy: admission.policy,
            bindingDigest: nil, isMomentary: false, createdAt: now, expiresAt: now + lifetime)
        let account = admission.application.account
        let isLive = try await desk.add { (transaction) throws(Failure) in
            guard let token = try transaction.liveServiceToken(admission.client, in: account), token.isEnabled,
                token.expiresAt.map({ now < $0 }) ?? true,
                try transaction.application(.id(row.application), in: account) != nil
            else { return false }
            try transaction.insert(row, digest: SHA256.hash(text).bytes, key: key.id)
            return true
        }
        guard isLive else { return nil }
        if serviceSessions.count >= Self.capacity { serviceSessions.removeAll() }
        serviceSessions[place] = text
        var pass = admission.pass(text)
        pass.cookie = IssuedCookie(value: text, lifetime: lifetime)
        return pass
    }
}

extension ServiceAdmission {
    var place: ServicePlace { ServicePlace(client: client, application: application.id) }

    func pass(_ assertion: String) -> GatePass {
        GatePass(application: application, assertion: assertion, email: "", user: nil)
    }
}

extension GuardedApplication {
    /// How long a service token's token lasts; a minute where sessions have no length.
    func serviceLifetime(_ policy: PolicyID) -> Duration { max(tokenLifetime(policies.policy(policy)), .seconds(60)) }
}
