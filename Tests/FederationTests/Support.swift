import Crypto
import Domain
import Federation
import HTTP
import JOSE
import JSON
import Primitives
import Synchronization
import Testing

/// A clock that stands still until it is moved.
final class ManualClock: WallClock {
    private let instant = Mutex(Timestamp(seconds: 1_772_445_600))

    var now: Timestamp { instant.withLock { $0 } }

    func advance(by duration: Duration) { instant.withLock { $0 = $0 + duration } }
}

/// An identity provider of a few lines: a document for each URL, and a count of how often it was asked for.
final class ScriptedFetcher: Fetcher {
    func post(
        _ form: QueryString, to url: WebAddress, authorization: String?
    ) async throws(FetchFailure) -> FetchedDocument { throw FetchFailure("no forms here") }

    func ask(_ question: [UInt8], of url: WebAddress) async throws(FetchFailure) -> FetchedDocument {
        throw FetchFailure("no questions here")
    }

    enum Answer: Sendable {
        case document(status: Int = 200, fields: Fields = Fields(), [UInt8])
        case failure(String)
    }

    private struct State {
        var answers: [String: Answer] = [:]
        var requests: [String] = []
        var isHeld = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    subscript(_ url: String) -> Answer? {
        get { state.withLock { $0.answers[url] } }
        set { state.withLock { $0.answers[url] = newValue } }
    }

    var requests: [String] { state.withLock { $0.requests } }

    /// Lets fetches begin and not end, until ``release()``.
    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        let waiting = state.withLock { state in
            state.isHeld = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func fetch(_ url: WebAddress) async throws(FetchFailure) -> FetchedDocument {
        await withCheckedContinuation { continuation in
            let passes = state.withLock { state in
                state.requests.append(url.description)
                if state.isHeld { state.waiting.append(continuation) }
                return !state.isHeld
            }
            if passes { continuation.resume() }
        }
        switch self[url.description] {
        case .document(let status, let fields, let body)?:
            return FetchedDocument(status: status, fields: fields, body: body)
        case .failure(let why)?: throw FetchFailure(why)
        case nil: throw FetchFailure("connection refused")
        }
    }
}

/// Keys that take a while to make, made once.
enum TestKeys {
    static let rsa = make(.rsa(bits: 2048))
    static let otherRSA = make(.rsa(bits: 2048))
    static let p256 = make(.elliptic(.p256))
    static let p384 = make(.elliptic(.p384))
    static let p521 = make(.elliptic(.p521))
    static let ed25519 = make(.ed25519)

    private static func make(_ template: KeyTemplate) -> PrivateKey {
        do { return try PrivateKey.generate(template) } catch { preconditionFailure("no key: \(error)") }
    }

    static func key(for algorithm: JWSAlgorithm) -> PrivateKey {
        switch algorithm {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: rsa
        case .es256: p256
        case .es384: p384
        case .es512: p521
        case .edDSA: ed25519
        }
    }
}

extension JWK {
    /// The key as an object that a test can change.
    var object: JSONObject {
        var writer = JSONWriter()
        do {
            try write(to: &writer)
            return try JSONParser.parse(writer.bytes).objectValue ?? JSONObject()
        } catch { preconditionFailure("the key cannot be written: \(error)") }
    }
}

/// A token in the making.
struct TokenDraft {
    var header: JSONObject = ["typ": "JWT", "kid": "k1"]
    var claims: JSONObject
    var key = TestKeys.rsa
    var algorithm = JWSAlgorithm.rs256
    /// The last word on the compact form.
    var tamper: (String) -> String = { $0 }

    func token() throws -> String {
        tamper(try JWTSigner(key, algorithm: algorithm, keyID: nil).sign(claims, header: header))
    }
}

/// One account with one identity provider, and what it takes to judge tokens for it.
final class Bench {
    static let issuer = "https://idp.example.org"
    static let keyURL = "https://idp.example.org/keys"

    let clock = ManualClock()
    let fetcher = ScriptedFetcher()
    let keys: KeyCache
    let judge: TokenJudge
    var trust: IssuerTrust

    init(_ config: JSONObject = [:], type: IdentityProviderType = .oidc, issuer: String? = Bench.issuer) throws {
        keys = KeyCache(fetcher: fetcher, clock: clock)
        judge = TokenJudge(keys: keys)
        let provider = Self.provider(config, type: type, issuer: issuer)
        trust = IssuerTrust([
            TrustedIssuer(id: provider.id, profile: try #require(VerificationProfile(provider)), standing: .allowed)
        ])
        publish([JWK(TestKeys.rsa.publicKey, keyID: "k1", algorithm: .rs256)])
    }

    static func provider(
        _ config: JSONObject = [:], type: IdentityProviderType = .oidc, issuer: String? = Bench.issuer,
        id: IdentityProviderID = IdentityProviderID(at: Timestamp(seconds: 1)), clientID: String = "client-1"
    ) -> IdentityProvider {
        var full: JSONObject = [
            "client_id": .string(clientID), "auth_url": "https://idp.example.org/authorize",
            "certs_url": .string(keyURL),
            "claims": ["employee"],
        ]
        for (name, value) in config { full[name] = value }
        return IdentityProvider(
            id: id, account: AccountID(at: Timestamp(seconds: 1)), type: type, name: "IdP", config: full.jsonText,
            hasSecret: true, scim: .emptyObject, clientID: clientID, issuer: issuer, learntIssuer: nil,
            createdAt: Timestamp(seconds: 1), updatedAt: Timestamp(seconds: 1), version: 1)
    }

    func publish(_ keys: [JWK], maxAge: Int? = nil) { publish(keys.map(\.object), maxAge: maxAge) }

    func publish(_ keys: [JSONObject], maxAge: Int? = nil) {
        let document: JSONValue = ["keys": .array(keys.map(JSONValue.object))]
        var fields = Fields()
        if let maxAge { fields.append(.cacheControl, "public, max-age=\(maxAge)") }
        fetcher[Self.keyURL] = .document(fields: fields, document.serializedBytes())
    }

    /// Everything right.
    var good: TokenDraft {
        let now = clock.now.seconds
        return TokenDraft(claims: [
            "iss": .string(Self.issuer), "sub": "00u1", "aud": "client-1", "email": "ann@example.org",
            "email_verified": true, "iat": .integer(now - 10), "exp": .integer(now + 3600),
            "auth_time": .integer(now - 20),
            "nonce": "n-1", "employee": 812,
        ])
    }

    /// The verdict once everything it waits for has come, and whether it waited at all.
    func verdict(_ token: String, _ expectation: TokenExpectation = TokenExpectation()) async -> TokenVerdict {
        for _ in 0..<4 {
            let verdict = verdictNow(token, expectation)
            guard case .undecided(.keys(let pending)) = verdict else { return verdict }
            await pending.arrival()
        }
        return verdictNow(token, expectation)
    }

    func verdictNow(_ token: String, _ expectation: TokenExpectation = TokenExpectation()) -> TokenVerdict {
        let bytes = Array(token.utf8)
        return judge.judge(bytes, digest: SHA256.hash(bytes), trust, expectation, at: clock.now)
    }

    /// The reason, `nil` for a valid token.
    func reason(_ draft: TokenDraft, _ expectation: TokenExpectation = TokenExpectation()) async throws -> TokenReason?
    {
        await verdict(try draft.token(), expectation).reason
    }
}

extension TokenVerdict {
    var reason: TokenReason? { if case .invalid(let rejection) = self { rejection.reason } else { nil } }
    var valid: ValidToken? { if case .valid(let token) = self { token } else { nil } }
    var isUndecided: Bool { if case .undecided = self { true } else { false } }
}
