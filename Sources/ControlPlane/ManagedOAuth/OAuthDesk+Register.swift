import Crypto
import Domain
import HTTP
package import JSON
package import OAuth
package import Primitives
package import Store

/// How a registration ends (contract 50 §5).
package enum RegistrationOutcome: Sendable {
    /// - Parameter secret: shown once.
    case registered(ManagedClient, secret: Secret<String>?)
    case refused(OAuthError)
    /// Clients may not register here.
    case switchedOff
    case tooMany(retryAfter: Duration)
}

extension OAuthDesk {
    /// How long a client is told to wait when the account has all the clients it may have.
    private static let fullWait = Duration.seconds(3600)

    /// Registers a client that nobody knows (RFC 7591).
    ///
    /// - Parameter metadata: the body of the request; `nil` when it was no JSON object.
    package func register(
        _ metadata: JSONObject?, at issuer: OAuthIssuer, from address: IPAddress
    ) async throws(Failure) -> RegistrationOutcome {
        if let wait = plane.managedOAuth.registrations.spend(address, at: now) { return .tooMany(retryAfter: wait) }
        guard let metadata else {
            return .refused(
                OAuthError(.invalidClientMetadata, "the body must be a JSON object of type application/json"))
        }
        guard let candidates = try candidates(metadata, at: issuer) else {
            return .refused(OAuthError(.invalidClientMetadata, "resource names no application with managed OAuth here"))
        }
        let open = candidates.compactMap(\.rules).filter(\.admitsUnknownClients)
        guard !open.isEmpty else { return .switchedOff }
        let draft: ClientDraft
        do throws(OAuthError) {
            draft = try ClientDraft(metadata)
            try draft.check(against: open.map(\.redirects))
        } catch { return .refused(error) }
        // On a host with one application the client is that application's alone.
        var only: ApplicationID?
        if case .host = issuer.place, candidates.count == 1 { only = candidates.first?.application }
        return try await save(draft, for: only, of: issuer.account)
    }

    /// What a client may mean; `nil` when it names something that is not there.
    private func candidates(
        _ metadata: JSONObject, at issuer: OAuthIssuer
    ) throws(Failure) -> [OAuthTarget]? {
        let resource = metadata["resource"]
        let indicator = resource?.stringValue.flatMap { ResourceIndicator($0) }
        switch issuer.place {
        case .host(let applications, _): return applications.map { .application($0) }
        case .team(let team):
            guard resource != nil else { return try applications(of: team.account).map { .application($0) } }
            guard let indicator, let application = try application(at: indicator, of: team.account) else { return nil }
            return [.application(application)]
        case .server:
            guard resource == nil || indicator.map({ isAPI($0) }) == true else { return nil }
            return try teamsOfAPI().prefix(1).map { (team) throws(Failure) in try apiTarget(at: team) }
        }
    }

    private func save(
        _ draft: ClientDraft, for application: ApplicationID?, of account: AccountID?
    ) async throws(Failure) -> RegistrationOutcome {
        let secret = draft.method == .none ? nil : GeneratedSecret.hexadecimal()
        let now = self.now
        let id: ManagedClientID = randomIdentifier()
        let client = ManagedClient(
            id: id, account: account, application: application, clientID: id.uuid, kind: .registered, name: draft.name,
            method: draft.method, secretDigest: secret?.digest, redirectDocument: draft.redirectDocument,
            mayRefresh: draft.mayRefresh, document: draft.document, createdAt: now, lastUsedAt: nil,
            expiresAt: now + ManagedClient.unusedLifetime)
        let isSaved = try await desk.add { (transaction) throws(Failure) in
            guard try !transaction.hasRegistrations(ManagedClient.maxRegistrations, in: account, at: now) else {
                return false
            }
            try transaction.insert(client)
            return true
        }
        return isSaved ? .registered(client, secret: secret?.value) : .tooMany(retryAfter: Self.fullWait)
    }
}
