import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// The calling user and where they are a member (contract 20 §3).
enum UserRoutes: RouteGroup {
    static let table: [Route] = [
        Route(.get, "/user", "getUser", .user(.userDetailsRead), .account, .read(get)),
        Route(.get, "/memberships", "listMemberships", .user(.membershipsRead), .accountMember, .read(memberships)),
    ]

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        let id = try caller(call)
        guard let user = try call.reader.user(id) else {
            throw .refused(.authenticationError, "the user is gone")
        }
        return .found { user.write(to: &$0) }
    }

    @Sendable static func memberships(_ call: ReadCall) throws(Failure) -> Reply {
        let page = try call.query.page(default: 20)
        let status = try call.query.oneOf("status", AccountMember.Status.allCases.map(\.rawValue))
        let memberships = try call.reader.memberships(
            of: try caller(call), status: status.flatMap { AccountMember.Status(rawValue: $0) },
            accountNamed: call.query.text("account.name") ?? call.query.text("name"), page)
        return .list(memberships, page) { $0.write(to: &$1) }
    }

    private static func caller(_ call: ReadCall) throws(Failure) -> UserID {
        guard let user = call.call.principal.user else {
            throw .refused(.authenticationError, "this path is for credentials of a user")
        }
        return user
    }
}
