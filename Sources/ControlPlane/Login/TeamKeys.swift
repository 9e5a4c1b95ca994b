import Crypto
package import Domain
import JOSE
import JSON
import Primitives
package import Store
import Synchronization

/// The key that signs for an account.
package struct TeamKey: Sendable {
    package let id: SigningKeyID
    private let key: PrivateKey

    fileprivate init(id: SigningKeyID, key: PrivateKey) {
        self.id = id
        self.key = key
    }

    /// A compact token with `alg` RS256, `kid` and `typ` in its header (contract 40 §4). Takes a third of a
    /// millisecond.
    package func sign(payload: [UInt8]) throws(Failure) -> String {
        do throws(CryptoError) {
            return try JWTSigner(key, algorithm: .rs256, keyID: id.hex).sign(payload: payload)
        } catch { throw .inconsistent("a token could not be signed: \(error)") }
    }
}

/// Private keys that were opened, shared by all loops. Which key signs is asked of the database each time.
package final class TeamKeys: Sendable {
    private let opened = Mutex<[SigningKeyID: PrivateKey]>([:])
    private static let capacity = 4096

    package init() {}

    fileprivate func key(
        _ id: SigningKeyID, open: () throws(Failure) -> PrivateKey
    ) throws(Failure) -> PrivateKey {
        if let known = opened.withLock({ $0[id] }) { return known }
        let key = try open()
        opened.withLock { opened in
            if opened.count >= Self.capacity { opened.removeAll() }
            opened[id] = key
        }
        return key
    }
}

extension Plane {
    /// The key that signs for an account; `nil` until it has one.
    package func teamKey(of account: AccountID, in reader: any Reading) throws(Failure) -> TeamKey? {
        guard let current = try reader.signingKey(of: account, at: clock.now) else { return nil }
        let key = try teamKeys.key(current.id) { () throws(Failure) in
            guard let sealed = try reader.sealedPrivateKey(current.id) else {
                throw .inconsistent("a signing key has no private half")
            }
            do throws(CryptoError) {
                return try PrivateKey(pkcs8: try vault.open(sealed, for: SealedKeys.purpose(of: current.id)))
            } catch { throw .inconsistent("a signing key does not open with this server's secret key") }
        }
        return TeamKey(id: current.id, key: key)
    }

    /// Gives an account its first key.
    package func makeFirstKey(of account: AccountID) async throws(Failure) {
        let key = try await makeSigningKey()
        _ = try await perform(.system(.create, AuditedResource(.keys, account.hex), in: account)) {
            (act) throws(Failure) in
            _ = try act.installFirstKey(key, of: account)
        }
    }
}

extension Mutation {
    /// What the server does by itself.
    static func system(_ action: AuditEvent.Action, _ resource: AuditedResource, in account: AccountID) -> Mutation {
        Mutation(
            principal: Principal(user: nil, email: nil, token: nil, grants: [], ceiling: nil, isRoot: false),
            request: AuditedRequest(actor: .system, method: "", uri: "", userAgent: "orgd", address: "", ray: ""),
            precondition: nil, idempotency: nil, subject: AuditEvent(action, resource, account: account))
    }
}

extension Plane {
    /// Runs a use case of which nobody waits for an answer.
    func perform(
        _ mutation: Mutation, _ body: @escaping @Sendable (Act) throws(Failure) -> Void
    ) async throws(Failure) {
        let refused = { @Sendable (refusal: Refusal) in FinalAnswer(status: refusal.httpStatus, body: []) }
        _ = try await perform(mutation, refused: refused) { (act) throws(Failure) in
            try body(act)
            return FinalAnswer(status: 200, body: [])
        }
    }
}
