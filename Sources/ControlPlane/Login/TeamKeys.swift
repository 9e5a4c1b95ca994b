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
    private let certificates = Mutex<[CertificateName: String]>([:])
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

    fileprivate struct CertificateName: Hashable {
        let key: SigningKeyID
        let host: String
    }

    fileprivate func certificate(
        _ name: CertificateName, make: () throws(Failure) -> String
    ) throws(Failure) -> String {
        if let known = certificates.withLock({ $0[name] }) { return known }
        let made = try make()
        certificates.withLock { certificates in
            if certificates.count >= Self.capacity { certificates.removeAll() }
            certificates[name] = made
        }
        return made
    }
}

extension Plane {
    /// The key that signs for an account; `nil` until it has one.
    package func teamKey(of account: AccountID, in reader: any Reading) throws(Failure) -> TeamKey? {
        guard let current = try reader.signingKey(of: account, at: clock.now) else { return nil }
        return TeamKey(id: current.id, key: try privateKey(current.id, in: reader))
    }

    private func privateKey(_ id: SigningKeyID, in reader: any Reading) throws(Failure) -> PrivateKey {
        try teamKeys.key(id) { () throws(Failure) in
            guard let sealed = try reader.sealedPrivateKey(id) else {
                throw .inconsistent("a signing key has no private half")
            }
            do throws(CryptoError) {
                return try PrivateKey(pkcs8: try vault.open(sealed, for: SealedKeys.purpose(of: id)))
            } catch { throw .inconsistent("a signing key does not open with this server's secret key") }
        }
    }

    /// The self-signed certificate of a key, for verifiers that take nothing else (contract 40 §6). Every loop and every
    /// start comes to the same bytes: nothing in it is random, and its validity begins with the key's.
    package func certificate(
        of key: SigningKey, host: String, in reader: any Reading
    ) throws(Failure) -> String {
        try teamKeys.certificate(TeamKeys.CertificateName(key: key.id, host: host)) { () throws(Failure) in
            let signer = try privateKey(key.id, in: reader)
            // A common name has no room for a longer host (RFC 5280 Appendix A.1); the alternative name always has it.
            let name = host.utf8.count <= 64 ? host : String(host.prefix { $0 != "." })
            do throws(CryptoError) {
                return try Certificate.selfSigned(
                    commonName: name, key: signer, validFrom: key.activeFrom,
                    validUntil: key.activeFrom + .seconds(10 * 365 * 86_400), dnsNames: [host],
                    serial: Array(key.id.bytes.prefix(16)))
            } catch { throw .inconsistent("a certificate could not be made: \(error)") }
        }
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
