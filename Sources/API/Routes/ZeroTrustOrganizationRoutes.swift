import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// The Zero Trust organization of an account (contract 20 §4).
enum ZeroTrustOrganizationRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/access/organizations"

    static let table: [Route] = [
        Route(
            .get, base, "getZeroTrustOrganization", .access(.identityRead), .zeroTrustOrganization, .read(get)),
        // The one call under access/ that works before there is a Zero Trust organization.
        Route(
            .post, base, "createZeroTrustOrganization", .account(.identityWrite), .zeroTrustOrganization, .write(create)
        ),
        Route(
            .put, base, "replaceZeroTrustOrganization", .access(.identityWrite), .zeroTrustOrganization, .write(replace)
        ),
        Route(
            .patch, base, "updateZeroTrustOrganization", .access(.identityWrite), .zeroTrustOrganization, .write(update)
        ),
        Route(.post, base + "/revoke_user", "revokeUser", .access(.identityRevoke), .accessUser, .write(revokeUser)),
    ]

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        guard let organization = try call.reader.zeroTrustOrganization(of: call.account) else {
            throw .refused(.zeroTrustNotEnabled)
        }
        let domain = call.call.plane.settings.accessDomain
        return .found(version: organization.version) { organization.write(to: &$0, accessDomain: domain) }
    }

    @Sendable static func create(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try draft(call.body, call)
        let organization = try call.act.createZeroTrustOrganization(draft, in: call.account)
        return reply(.created, organization, call, location: call.call.request.uri)
    }

    /// Host and name have no default to go back to, so a replacement that leaves them out keeps them.
    @Sendable static func replace(_ call: WriteCall) throws(Failure) -> Reply {
        let old = try current(call)
        guard var body = call.body.objectValue else {
            throw .refused(.accessInvalidRequest, "the body must be a JSON object", at: "")
        }
        for name in ["auth_domain", "name"] where body[name]?.isNull ?? true { body[name] = old[name] }
        return try replace(with: .object(body), call)
    }

    @Sendable static func update(_ call: WriteCall) throws(Failure) -> Reply {
        guard call.body.objectValue != nil else {
            throw .refused(.accessInvalidRequest, "the body must be a JSON object", at: "")
        }
        return try replace(with: try current(call).merged(with: call.body), call)
    }

    @Sendable static func revokeUser(_ call: WriteCall) throws(Failure) -> Reply {
        let revocation = try refusing { () throws(Refusal) in try UserRevocation(call.body) }
        try call.act.revokeUser(email: revocation.email, in: call.account)
        return .resource { writer, _ in writer.value(true) }
    }

    private static func replace(with body: JSONValue, _ call: WriteCall) throws(Failure) -> Reply {
        let organization = try call.act.replaceZeroTrustOrganization(with: try draft(body, call), in: call.account)
        return reply(.ok, organization, call)
    }

    private static func current(_ call: WriteCall) throws(Failure) -> JSONValue {
        let organization = try call.act.zeroTrustOrganization(of: call.account)
        do throws(JSONError) {
            return try organization.body(accessDomain: call.act.settings.accessDomain)
        } catch { throw .inconsistent("a stored document is not JSON: \(error)") }
    }

    private static func draft(_ body: JSONValue, _ call: WriteCall) throws(Failure) -> ZeroTrustOrganizationDraft {
        let domain = call.act.settings.accessDomain
        return try refusing { () throws(Refusal) in try ZeroTrustOrganizationDraft(body, accessDomain: domain) }
    }

    private static func reply(
        _ status: HTTP.Status, _ organization: ZeroTrustOrganization, _ call: WriteCall, location: String? = nil
    ) -> Reply {
        let domain = call.act.settings.accessDomain
        return .resource(status, version: organization.version, location: location) { writer, _ in
            organization.write(to: &writer, accessDomain: domain)
        }
    }
}
