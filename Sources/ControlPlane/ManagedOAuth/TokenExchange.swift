import Crypto
import Domain
import JSON
import OAuth
import Primitives
import Store

/// One request to the token endpoint while it is decided; runs on the writer's thread.
struct TokenExchange: Sendable {
    /// What is exchanged.
    enum Kind: Sendable {
        case code(String, redirectURI: String, verifier: String)
        case refresh(String)

        init(_ parameters: Parameters) throws(OAuthError) {
            switch try parameters.required("grant_type") {
            case "authorization_code":
                self = .code(
                    try parameters.required("code"), redirectURI: try parameters.required("redirect_uri"),
                    verifier: try parameters.required("code_verifier"))
            case "refresh_token": self = .refresh(try parameters.required("refresh_token"))
            default:
                throw OAuthError(
                    .unsupportedGrantType, "grant_type must be authorization_code or refresh_token")
            }
        }
    }

    let plane: Plane
    let caller: TokenCaller
    let kind: Kind
    let credential: ClientCredential
    /// The application that the request names.
    let resource: ApplicationID?
    let now: Timestamp

    typealias Outcome = Result<IssuedTokens, OAuthError>

    func run(in transaction: WriteTransaction) throws(Failure) -> Outcome {
        let holder = try holder(in: transaction)
        let known = try transaction.oauthClient(credential.clientID, at: caller.issuer, holder: holder, now: now)
        guard let client = known,
            credential.isGood(for: [client.method], secretDigest: client.secretDigest)
        else {
            // Only adds: nothing that lets somebody in ends here.
            transaction.onlyAdds()
            return .failure(.invalidClient)
        }
        switch kind {
        case .code(let code, let redirectURI, let verifier):
            return try redeem(code, redirectURI, verifier, client, transaction)
        case .refresh(let token):
            guard client.mayRefresh else {
                // Only adds: nothing that lets somebody in ends here.
                transaction.onlyAdds()
                return .failure(OAuthError(.unauthorizedClient, "the client did not register for refresh_token"))
            }
            return try refresh(token, client, transaction)
        }
    }

    /// The client of the grant that is presented.
    private func holder(in transaction: WriteTransaction) throws(Failure) -> ManagedClientID? {
        let grant =
            switch kind {
            case .code(let code, _, _): try transaction.managedCode(SHA256.hash(code).bytes)?.grant
            case .refresh(let token): try transaction.managedRefresh(SHA256.hash(token).bytes)?.grant
            }
        guard let grant else { return nil }
        return try transaction.managedGrant(grant, at: now)?.client
    }

    // MARK: Codes

    private func redeem(
        _ code: String, _ redirectURI: String, _ verifier: String, _ client: ManagedClient,
        _ transaction: WriteTransaction
    ) throws(Failure) -> Outcome {
        let digest = SHA256.hash(code).bytes
        guard let stored = try transaction.managedCode(digest),
            let grant = try transaction.managedGrant(stored.grant, at: now), grant.client == client.id
        else {
            // Only adds: nothing that lets somebody in ends here.
            transaction.onlyAdds()
            return .failure(.invalidGrant)
        }
        let state = CodeState(
            clientID: client.clientID, redirectURI: stored.redirectURI, challenge: stored.challenge,
            issuer: grant.issuer, isSpent: stored.isSpent, expiresAt: stored.expiresAt)
        let redemption = CodeRedemption(
            code: code, clientID: client.clientID, redirectURI: redirectURI, verifier: verifier,
            issuer: caller.issuer.text)
        switch state.judge(redemption, at: now) {
        case .refused(let error):
            // Only adds: nothing that lets somebody in ends here.
            transaction.onlyAdds()
            return .failure(error)
        case .replayed:
            try transaction.endGrant(grant.id)
            try record("oauth_code_reuse", grant, client, transaction)
            return .failure(.invalidGrant)
        case .good: break
        }
        let admission = try GrantReview(self).review(grant, client, transaction)
        guard case .admitted(let lifetime) = admission else { return try end(grant, client, admission, transaction) }
        guard resource == nil || resource == grant.application else {
            // Only adds: nothing that lets somebody in ends here.
            transaction.onlyAdds()
            return .failure(Self.wrongTarget)
        }
        try transaction.spendManagedCode(digest, at: now)
        try transaction.noteRedemption(of: grant.id, at: now)
        try transaction.noteUse(of: client.id, grantEnds: grant.expiresAt, at: now)
        let access = "oauth:" + RandomToken.base64URL(bytes: 32)
        let end = min(now + lifetime, grant.expiresAt)
        try transaction.insertManagedAccess(SHA256.hash(access).bytes, of: grant.id, until: end)
        var refresh: String?
        if client.mayRefresh, !grant.isMomentary {
            let token = "oauth:" + RandomToken.base64URL(bytes: 32)
            try transaction.insertManagedRefresh(SHA256.hash(token).bytes, of: grant.id, position: 0)
            refresh = token
        }
        if try transaction.endOldestGrants(like: grant, keeping: ManagedGrant.maxPerClient) == 0 {
            // Only adds: nothing that lets somebody in ends here.
            transaction.onlyAdds()
        }
        return .success(
            IssuedTokens(access: access, lifetime: Self.seconds(end - now), refresh: refresh, resource: stored.resource)
        )
    }

    // MARK: Refresh tokens

    private func refresh(
        _ token: String, _ client: ManagedClient, _ transaction: WriteTransaction
    ) throws(Failure) -> Outcome {
        let digest = SHA256.hash(token).bytes
        guard let stored = try transaction.managedRefresh(digest),
            let grant = try transaction.managedGrant(stored.grant, at: now), grant.client == client.id
        else {
            // Only adds: nothing that lets somebody in ends here.
            transaction.onlyAdds()
            return .failure(.invalidGrant)
        }
        let place: RefreshState.Place =
            stored.retiredAt.map { .retired(at: $0, isSuccessorUsed: stored.isSuccessorUsed) } ?? .live
        let state = RefreshState(
            clientID: client.clientID, issuer: grant.issuer, place: place, expiresAt: grant.expiresAt)
        let verdict = state.judge(
            clientID: client.clientID, issuer: caller.issuer.text, lostResponseWindow: ManagedGrant.lostResponseWindow,
            at: now)
        switch verdict {
        case .refused(let error):
            // Only adds: nothing that lets somebody in ends here.
            transaction.onlyAdds()
            return .failure(error)
        case .reused:
            try transaction.endGrant(grant.id)
            try record("oauth_refresh_reuse", grant, client, transaction)
            return .failure(.invalidGrant)
        case .rotate, .repeated: break
        }
        let admission = try GrantReview(self).review(grant, client, transaction)
        guard case .admitted(let lifetime) = admission else { return try end(grant, client, admission, transaction) }
        guard resource == nil || resource == grant.application else {
            // Only adds: nothing that lets somebody in ends here.
            transaction.onlyAdds()
            return .failure(Self.wrongTarget)
        }
        // Only adds: nothing that lets somebody in ends here.
        transaction.onlyAdds()
        // The successors follow from the token and the server's key: a lost answer can be given again although nothing
        // but digests is stored.
        let access = "oauth:" + plane.vault.successor(of: token, "access")
        let next = "oauth:" + plane.vault.successor(of: token, "refresh")
        let accessDigest = SHA256.hash(access).bytes
        let end: Timestamp
        if verdict == .rotate {
            end = min(now + lifetime, grant.expiresAt)
            try transaction.retireManagedRefresh(digest, at: now)
            try transaction.insertManagedRefresh(SHA256.hash(next).bytes, of: grant.id, position: stored.position + 1)
            try transaction.insertManagedAccess(accessDigest, of: grant.id, until: end)
            try transaction.noteRefresh(of: grant.id, at: now)
            try transaction.noteUse(of: client.id, grantEnds: grant.expiresAt, at: now)
            try transaction.append(
                row(grant, client, isAllowed: true, reason: "", transaction), of: grant.account, at: now)
        } else {
            guard let known = try transaction.endOfManagedAccess(accessDigest, at: now) else {
                return .failure(.invalidGrant)
            }
            end = known
        }
        let spelled = try transaction.resource(of: grant.id) ?? grant.issuer
        return .success(
            IssuedTokens(access: access, lifetime: Self.seconds(end - now), refresh: next, resource: spelled))
    }

    private static let wrongTarget = OAuthError(.invalidTarget, "resource names another application than the grant")

    private static func seconds(_ duration: Duration) -> Int64 { max(0, duration.wholeMicroseconds / 1_000_000) }

    // MARK: Refusing

    /// The person may not go in any more, and neither may who acts for them.
    private func end(
        _ grant: ManagedGrant, _ client: ManagedClient, _ verdict: GrantReview.Verdict, _ transaction: WriteTransaction
    ) throws(Failure) -> Outcome {
        try transaction.endGrant(grant.id)
        guard case .refused(let reason, let policy) = verdict else { return .failure(.invalidGrant) }
        var row = try row(grant, client, isAllowed: false, reason: reason, transaction)
        row.policy = policy
        try transaction.append(row, of: grant.account, at: now)
        return .failure(.invalidGrant)
    }

    private func row(
        _ grant: ManagedGrant, _ client: ManagedClient, isAllowed: Bool, reason: String, _ transaction: WriteTransaction
    ) throws(Failure) -> AccessRequest {
        var row = AccessRequest(.oauthRefresh, isAllowed: isAllowed, address: caller.address.text, ray: caller.ray)
        if let id = grant.application, let application = try transaction.application(.id(id), in: grant.account) {
            row.application = LoggedApplication(
                application.id, domain: application.domain ?? "", type: application.type)
        }
        row.country = caller.country
        row.provider = grant.provider
        let identity = Identity(document: grant.identity)
        row.connection = identity?.provider.type.rawValue ?? ""
        row.email = identity?.email ?? grant.email
        row.user = grant.user
        row.policy = grant.policy
        row.reason = reason
        row.clientID = client.clientID
        row.clientName = client.name
        return row
    }

    /// A sign of theft, for the audit log.
    private func record(
        _ description: String, _ grant: ManagedGrant, _ client: ManagedClient, _ transaction: WriteTransaction
    ) throws(Failure) {
        let details: JSONValue = [
            "oauth_client_id": .string(client.clientID), "oauth_client_name": .string(client.name),
            "user_email": .string(grant.email), "app_id": grant.application.map { .string($0.uuid) } ?? .null,
        ]
        let event = AuditEvent(
            .delete, AuditedResource(.oauthGrant, grant.id.uuid), account: grant.account, description: description,
            request: JSONText(trusted: details.serialized()), response: .emptyObject)
        let actor = Actor(kind: .system, id: nil, email: nil, context: .oauth, token: nil)
        let request = AuditedRequest(
            actor: actor, method: "POST", uri: "/cdn-cgi/access/oauth/token", userAgent: caller.userAgent,
            address: caller.address.text, ray: caller.ray)
        _ = try transaction.append(event, isSuccess: true, status: 400, of: request, at: now)
    }
}
