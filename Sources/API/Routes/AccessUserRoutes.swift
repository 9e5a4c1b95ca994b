import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Users of an account's applications (contract 20 §16).
enum AccessUserRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/access/users"
    static let one = base + "/{user_id}"

    static let table: [Route] = [
        Route(.get, base, "listAccessUsers", .access(.zeroTrustRead), .accessUser, .read(list)),
        Route(.post, base, "createAccessUser", .access(.zeroTrustWrite), .accessUser, .write(create)),
        Route(.get, one, "getAccessUser", .access(.zeroTrustRead), .accessUser, .read(get)),
        Route(.put, one, "updateAccessUser", .access(.zeroTrustWrite), .accessUser, .write(update)),
        Route(.delete, one, "deleteAccessUser", .access(.zeroTrustWrite), .accessUser, .write(delete)),
        Route(
            .get, one + "/active_sessions", "listActiveSessions", .access(.zeroTrustRead), .accessUser, .read(sessions)),
        Route(
            .get, one + "/active_sessions/{nonce}", "getActiveSession", .access(.zeroTrustRead), .accessUser,
            .read(session)),
        Route(
            .get, one + "/last_seen_identity", "getLastSeenIdentity", .access(.zeroTrustRead), .accessUser,
            .read(lastIdentity)),
        Route(
            .get, one + "/failed_logins", "listFailedLogins", .access(.accessAuditLogsRead), .accessUser,
            .watched(failedLogins)),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        let page = try call.query.page()
        let filter = AccessUserFilter(
            email: call.query.text("email"), name: call.query.text("name"), search: call.query.text("search"))
        return .list(try call.reader.accessUsers(of: call.account, filter, page), page) { $0.write(to: &$1) }
    }

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        let user = try user(call)
        return .found(version: user.version) { user.write(to: &$0) }
    }

    @Sendable static func create(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try AccessUserDraft(call.body) }
        let user = try call.act.createAccessUser(draft, in: call.account)
        return .resource(.created, version: user.version, location: "\(call.call.request.uri)/\(user.id.uuid)") {
            writer, _ in user.write(to: &writer)
        }
    }

    @Sendable static func update(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try AccessUserDraft(call.body) }
        let user = try call.act.replaceAccessUser(call.path.uuid("user_id"), with: draft, in: call.account)
        return .resource(version: user.version) { writer, _ in user.write(to: &writer) }
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        let id: AccessUserID = call.path.uuid("user_id")
        try call.act.deleteAccessUser(id, in: call.account)
        return .deleted(id: id.uuid)
    }

    @Sendable static func sessions(_ call: ReadCall) throws(Failure) -> Reply {
        let user = try user(call)
        let sessions = try call.reader.sessions(of: user.id, in: call.account, at: call.call.now)
        let opened = try call.reader.openedApplications(of: user.id)
        return .all(sessions) { session, writer in
            let applications = opened.filter { $0.session == session.nonce }.map { opened in
                OpenedApplication(
                    id: opened.application, name: opened.name, hostname: opened.hostname, type: opened.type)
            }
            session.write(applications, to: &writer)
        }
    }

    @Sendable static func session(_ call: ReadCall) throws(Failure) -> Reply {
        let user = try user(call)
        guard let nonce = SessionNonce(call.path.text("nonce")),
            let session = try call.reader.session(nonce, of: user.id), session.account == call.account
        else { throw .refused(.accessNotFound, "session not found") }
        var identity = try StoredIdentity(session)
        identity.isActive = session.expiresAt > call.call.now
        return .found { [identity] in identity.write(to: &$0) }
    }

    @Sendable static func lastIdentity(_ call: ReadCall) throws(Failure) -> Reply {
        guard let login = try call.reader.lastLogin(of: try user(call).id, in: call.account) else {
            throw .refused(.accessNotFound, "the user has not logged in yet")
        }
        let identity = try StoredIdentity(login, in: call.account)
        return .found { identity.write(to: &$0) }
    }

    /// A look at a log is itself an event.
    @Sendable static func failedLogins(_ call: ReadCall) throws(Failure) -> Reply {
        let rows = try call.reader.failedLogins(ofEmail: try user(call).email, in: call.account, atMost: 1000)
        return .all(rows) { $0.writeFailedLogin(to: &$1, retention: ChoreLimits.logRetention) }
    }

    private static func user(_ call: ReadCall) throws(Failure) -> AccessUser {
        guard let user = try call.reader.accessUser(call.path.uuid("user_id"), in: call.account) else {
            throw .refused(.accessNotFound, "user not found")
        }
        return user
    }
}

/// Seats (contract 20 §17).
enum SeatRoutes: RouteGroup {
    static let table: [Route] = [
        Route(
            .patch, "/accounts/{account_id}/access/seats", "updateSeats", .access(.zeroTrustWrite), .seats,
            .write(update))
    ]

    @Sendable static func update(_ call: WriteCall) throws(Failure) -> Reply {
        let changes = try refusing { () throws(Refusal) in try SeatChange.changes(in: call.body) }
        let users = try call.act.changeSeats(changes, in: call.account)
        return .resource { writer, _ in
            writer.beginArray()
            for user in users { user.writeSeat(to: &writer) }
            writer.endArray()
        }
    }
}
