import Crypto
package import Domain
import JSON
package import Primitives
package import Store

/// Where people sign in, on one loop: the use cases of contract 40 §1 and 30 §5. Pages and redirects are the caller's.
///
/// Reads come from the loop's reader. What is read holds until the next `await`; after one, ``refresh()`` and read
/// again. Everything that must not happen twice is decided in a write transaction.
package final class LoginDesk {
    package let plane: Plane
    package let reader: Reader
    package let access: AccessDesk
    package let tokens: TokenDesk
    /// Called for each service that gave no answer that counts, with the ray of the request.
    package var noteEvaluationFault: ((ExternalEvaluation, EvaluationFault, String) -> Void)?

    package init(plane: Plane, reader: Reader, tokens: TokenDesk) {
        self.plane = plane
        self.reader = reader
        self.tokens = tokens
        access = AccessDesk()
    }

    package var now: Timestamp { plane.clock.now }

    /// Call it before the reads of a request.
    package func refresh() throws(Failure) {
        // The counters first: what is read under them is at least as new.
        access.begin(plane.store.generations)
        tokens.begin(plane.store.generations)
        try reader.begin()
    }

    package func team(_ name: String) throws(Failure) -> TeamSettings? {
        guard let account = try access.account(ofTeam: name, in: reader) else { return nil }
        return try access.team(of: account, in: reader)
    }

    package func team(of account: AccountID) throws(Failure) -> TeamSettings? {
        try access.team(of: account, in: reader)
    }

    package func application(_ id: ApplicationID, of account: AccountID) throws(Failure) -> GuardedApplication? {
        try access.application(id, of: account, in: reader)
    }

    /// The key that signs for an account, made when it has none yet.
    package func key(of account: AccountID) async throws(Failure) -> TeamKey {
        if let key = try plane.teamKey(of: account, in: reader) { return key }
        try await plane.makeFirstKey(of: account)
        try refresh()
        guard let key = try plane.teamKey(of: account, in: reader) else {
            throw .inconsistent("an account has no signing key")
        }
        return key
    }

    /// Runs a unit that adds rows and ends nothing.
    func add<Value: Sendable>(
        _ body: @escaping @Sendable (WriteTransaction) throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await plane.store.writes.perform { (transaction) throws(Failure) in
            transaction.onlyAdds()
            return try body(transaction)
        }
    }

    /// Writes a row to the log of logins, then turns the person away.
    func turnAway(_ fault: LoginFault, _ row: AccessRequest, in account: AccountID) async throws(Failure) -> Never {
        var row = row
        row.isAllowed = false
        if row.reason.isEmpty { row.reason = fault.code.rawValue }
        let (final, now) = (row, self.now)
        try await add { (transaction) throws(Failure) in try transaction.append(final, of: account, at: now) }
        throw .turnedAway(fault)
    }

    func seal(_ value: JSONValue, for purpose: String) throws(Failure) -> [UInt8] {
        do throws(CryptoError) {
            return try plane.vault.seal(value.serializedBytes(), for: purpose)
        } catch { throw .inconsistent("sealing failed: \(error)") }
    }

    func open(_ sealed: [UInt8], for purpose: String) throws(Failure) -> JSONValue {
        let bytes: [UInt8]
        do throws(CryptoError) {
            bytes = try plane.vault.open(sealed, for: purpose)
        } catch { throw .inconsistent("a sealed context does not open with this server's secret key") }
        do throws(JSONError) {
            return try JSONParser.parse(bytes)
        } catch { throw .inconsistent("a sealed context is not JSON") }
    }
}

extension LoginDesk {
    /// The SHA-256 under which a cookie's value is known.
    static func digest(_ cookie: String) -> [UInt8] { SHA256.hash(cookie).bytes }
}
