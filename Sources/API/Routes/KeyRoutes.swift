import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// The keys that sign an account's tokens (contract 20 §15).
enum KeyRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/access/keys"

    static let table: [Route] = [
        Route(.get, base, "getKeys", .access(.identityRead), .keys, .read(get)),
        Route(.put, base, "updateKeys", .access(.identityWrite), .keys, .write(update)),
        Route(.post, base + "/rotate", "rotateKeys", .access(.identityWrite), .keys, .wait(rotate)),
    ]

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        guard let rotation = try call.reader.keyRotation(of: call.account, at: call.call.now) else {
            throw .refused(.zeroTrustNotEnabled)
        }
        return .found { rotation.write(to: &$0, at: call.call.now) }
    }

    @Sendable static func update(_ call: WriteCall) throws(Failure) -> Reply {
        let days = try refusing { () throws(Refusal) in try KeyRotation.intervalDays(in: call.body) }
        let rotation = try call.act.setKeyRotationInterval(days, of: call.account)
        return .resource { writer, _ in rotation.write(to: &writer, at: call.act.now) }
    }

    /// Makes the key before the transaction begins: it takes longer than hundreds of writes.
    @Sendable static func rotate(_ call: WaitCall) async throws(Failure) -> FinalAnswer {
        let account = call.account
        let key = try await call.call.plane.makeSigningKey()
        return try await call.perform { (act) throws(Failure) in
            let rotation = try act.rotateKeys(to: key, of: account)
            return .resource { writer, _ in rotation.write(to: &writer, at: act.now) }
        }
    }
}
