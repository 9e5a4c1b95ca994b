import ControlPlane
import Crypto
import Domain
import EventLoops
import HTTP
import HTTPServer
import JSON
import Primitives
import Store
import Wire

extension APIHandler {
    /// Authenticates, then either answers at once or hands the rest to a task.
    func answer(_ pending: PendingCall) throws(Refusal) -> Answer {
        do throws(Failure) {
            try beginReading()
            if let entry = cache[pending.shown.digest], holds(entry, at: pending.now) {
                try spendAndCheck(entry.credential, pending)
                return try route(pending, entry.credential)
            }
            switch pending.shown {
            case .apiToken(let digest):
                guard let credential = try reader.credential(digest: digest.bytes) else {
                    options.limiter.noteFailure(from: pending.address, at: pending.now)
                    throw .refused(Self.unknownCredential(pending.route))
                }
                cache[digest] = CredentialCache.Entry(credential: credential, noted: credential.lastUsedAt)
                try spendAndCheck(credential, pending)
                return try route(pending, credential)
            case .agentToken(let digest):
                guard let principal = try desk.agent(digest, in: reader, at: pending.now) else {
                    options.limiter.noteFailure(from: pending.address, at: pending.now)
                    throw .refused(Self.unknownCredential(pending.route))
                }
                let credential = TokenCredential(of: principal)
                try spendAndCheck(credential, pending)
                return try route(pending, credential)
            case .idToken(let token, let digest):
                return try answer(idToken: token, digest, pending)
            }
        } catch {
            return .now(answerFailure(error, pending))
        }
    }

    /// Takes the snapshot for a request. What is remembered under older counters goes first, so that nothing read before a
    /// change is kept as if it were read after.
    func beginReading() throws(Failure) {
        let generations = options.plane.store.generations
        cache.hold(for: generations[.credentials])
        desk.begin(generations)
        try reader.begin()
    }

    /// Whether a remembered credential needs no second look.
    private func holds(_ entry: CredentialCache.Entry, at now: Timestamp) -> Bool {
        guard let person = entry.person else { return true }
        return person.hold.isGood(options.plane.store.generations, options.plane.keys, at: now)
    }

    static func unknownCredential(_ route: Route) -> Refusal {
        route.operationID.hasPrefix("verify")
            ? Refusal(.invalidAPIToken)
            : Refusal(Problem(.authenticationError, at: "#authorization"), status: 401)
    }

    /// State, lifetime, address and rate of a known token (contract 10 §2).
    func spendAndCheck(_ credential: TokenCredential, _ pending: PendingCall) throws(Failure) {
        let now = pending.now
        guard credential.isActive, credential.notBefore.map({ $0 <= now }) ?? true,
            credential.expiresAt.map({ $0 > now }) ?? true
        else { throw .refused(.tokenRefused) }
        let isInside =
            credential.allowedAddresses.isEmpty || credential.allowedAddresses.contains { $0.contains(pending.address) }
        guard isInside, !credential.deniedAddresses.contains(where: { $0.contains(pending.address) }) else {
            throw .refused(.tokenRefused, "Cannot use the access token from location: \(pending.address.text)")
        }
        try refusing { () throws(Refusal) in try options.limiter.spend(pending.shown.digest.bytes, at: now) }
        noteUse(of: credential, pending)
    }

    /// Writes `last_used_on`, or that a person came in, once a minute and token, beside the request and never in its way.
    private func noteUse(of credential: TokenCredential, _ pending: PendingCall) {
        guard let entry = cache[pending.shown.digest] else { return }
        if let noted = entry.noted, pending.now - noted < .seconds(60) { return }
        cache[pending.shown.digest]?.noted = pending.now
        let now = pending.now
        options.plane.store.writes.enqueue(
            { (transaction) throws(Failure) in
                // Only adds, as far as decisions go: when a token was last used and who came through an identity provider
                // are facts that no decision asks for.
                transaction.onlyAdds()
                if let token = credential.principal.token { try transaction.noteUse(of: token.id, at: now) }
                if let person = entry.person {
                    try transaction.noteLogin(through: person.provider, email: person.email, at: now)
                }
            }, completion: { _ in })
    }

    /// Checks the permission of the route and runs its handler.
    func route(_ pending: PendingCall, _ credential: TokenCredential) throws(Failure) -> Answer {
        let principal = credential.principal
        let facts = RequestFacts(request: pending.request, address: pending.address)
        let rights: PermissionSet
        do throws(Failure) {
            rights = try authorize(pending, principal)
        } catch .refused(let refusal) where refusal.httpStatus == 403 && pending.route.changesSomething {
            let mutation = Mutation(
                principal: principal, request: facts.audited(as: principal), precondition: nil, idempotency: nil,
                subject: subject(of: pending))
            return refuseLater(refusal, mutation)
        }
        let query = try refusing { () throws(Refusal) in try QueryReader(pending.request.queryBytes) }
        let call = Call(
            plane: options.plane, principal: principal, rights: rights, path: pending.parameters, query: query,
            now: pending.now, facts: facts)
        switch pending.route.handler {
        case .read(let handler):
            let reply = try handler(ReadCall(call: call, reader: reader))
            return .now(response(to: pending.request, reply))
        case .examine(let handler):
            return try examine(handler, call, pending.request)
        case .survey(let handler):
            return surveyLater(handler, call, pending.request)
        case .watched(let handler):
            return watchLater(handler, call, subject(of: pending))
        case .write(let handler):
            return try writeLater(handler, call, subject(of: pending), pending.request)
        case .wait(let handler):
            return try waitLater(handler, call, subject(of: pending), pending.request)
        }
    }

    private func subject(of pending: PendingCall) -> AuditEvent {
        let parameters = pending.parameters
        return AuditEvent(
            pending.route.action, AuditedResource(pending.route.subject, parameters.last ?? ""),
            account: parameters.has("account_id") ? parameters.hex("account_id") : nil,
            organization: parameters.has("organization_id") ? parameters.hex("organization_id") : nil)
    }

    /// The rights of the caller on the resource of the path.
    ///
    /// - Throws: not found where the caller may not even know that it exists, 403 where a right is missing.
    private func authorize(_ pending: PendingCall, _ principal: Principal) throws(Failure) -> PermissionSet {
        switch pending.route.permission {
        case .authenticated:
            return []
        case .user(let group):
            guard let user = principal.user, principal.token?.account == nil else {
                throw .refused(.authenticationError, "this path is for credentials of a user")
            }
            let rights = principal.isRoot ? PermissionSet.scope(.user) : principal.rights(on: .user(user))
            guard rights.contains(group) else { throw Self.missing(group) }
            return rights
        case .organization(let group):
            let chain = try reader.chain(of: pending.parameters.hex("organization_id"))
            let rights = chain.isEmpty ? [] : principal.rights(on: .organization(chain))
            guard !rights.isEmpty else { throw .refused(.organizationNotFound, "organization not found") }
            guard rights.contains(group) else { throw Self.missing(group, reading: pending, .organizationNotFound) }
            return rights
        case .account(let group, let needsZeroTrust):
            let account: AccountID = pending.parameters.hex("account_id")
            guard let known = try accountRights(account, principal, pending.shown.digest), !known.rights.isEmpty else {
                throw .refused(.accountNotFound, "account not found")
            }
            guard known.rights.contains(group) else { throw Self.missing(group, reading: pending, .accountNotFound) }
            guard known.hasZeroTrust || !needsZeroTrust else {
                throw .refused(
                    .zeroTrustNotEnabled,
                    "Access is not set up in this account: POST /accounts/\(account.hex)/access/organizations first")
            }
            return known.rights
        }
    }

    private func accountRights(
        _ account: AccountID, _ principal: Principal, _ digest: Digest32
    ) throws(Failure) -> (rights: PermissionSet, hasZeroTrust: Bool)? {
        if let known = cache[digest]?.accounts[account] { return known }
        guard let place = try reader.place(of: account) else { return nil }
        let rights = principal.rights(on: .account(account, within: place.organizations))
        if cache[digest] != nil { cache[digest]?.accounts[account] = (rights, place.hasZeroTrust) }
        return (rights, place.hasZeroTrust)
    }

    private static func missing(_ group: PermissionGroup) -> Failure {
        .refused(.authenticationError, "the credential lacks \"\(group.name)\"")
    }

    /// A missing right to read hides the resource; a missing right to write does not.
    private static func missing(_ group: PermissionGroup, reading pending: PendingCall, _ hidden: ErrorCode) -> Failure
    {
        pending.route.changesSomething
            ? missing(group) : .refused(hidden, "not found, or the credential lacks \"\(group.name)\"")
    }
}

extension Route {
    var changesSomething: Bool { method != .get && method != .head }

    /// What a refused request of this route would have done.
    var action: AuditEvent.Action {
        switch method {
        case .post: .create
        case .delete: .delete
        case .get, .head: .view
        default: .update
        }
    }
}
