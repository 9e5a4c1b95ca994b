import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Reusable policies (contract 20 §10).
enum PolicyRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/access/policies"
    static let one = base + "/{policy_id}"

    static let table: [Route] = [
        Route(.get, base, "listPolicies", .access(.appsRead), .policy, .read(list)),
        Route(.post, base, "createPolicy", .access(.appsWrite), .policy, .write(create)),
        Route(.get, one, "getPolicy", .access(.appsRead), .policy, .read(get)),
        Route(.put, one, "updatePolicy", .access(.appsWrite), .policy, .write(update)),
        Route(.delete, one, "deletePolicy", .access(.appsWrite), .policy, .write(delete)),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        let page = try call.query.page()
        return .list(try call.reader.reusablePolicies(of: call.account, page), page) {
            $0.write(to: &$1, account: call.account)
        }
    }

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        guard let policy = try call.reader.reusablePolicy(call.path.uuid("policy_id"), in: call.account) else {
            throw .refused(.accessNotFound, "policy not found")
        }
        return .found(version: policy.policy.version) { policy.write(to: &$0, account: call.account) }
    }

    @Sendable static func create(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try PolicyDraft(call.body) }
        let policy = try call.act.createReusablePolicy(draft, in: call.account)
        return reply(.created, policy, call, location: "\(call.call.request.uri)/\(policy.policy.id.uuid)")
    }

    @Sendable static func update(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try PolicyDraft(call.body) }
        return reply(
            .ok, try call.act.replaceReusablePolicy(call.path.uuid("policy_id"), with: draft, in: call.account), call)
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        let id: PolicyID = call.path.uuid("policy_id")
        try call.act.deleteReusablePolicy(id, in: call.account)
        return .deleted(id: id.uuid)
    }

    private static func reply(
        _ status: HTTP.Status, _ policy: CountedPolicy, _ call: WriteCall, location: String? = nil
    ) -> Reply {
        .resource(status, version: policy.policy.version, location: location) { writer, _ in
            policy.write(to: &writer, account: call.account)
        }
    }
}

/// Policies that live in one application, and the reusable ones it links (contract 20 §10).
enum ApplicationPolicyRoutes: RouteGroup {
    static let base = ApplicationRoutes.one + "/policies"
    static let one = base + "/{policy_id}"

    static let table: [Route] = [
        Route(.get, base, "listApplicationPolicies", .access(.appsRead), .policy, .read(list)),
        Route(.post, base, "createApplicationPolicy", .access(.appsWrite), .policy, .write(create)),
        Route(.get, one, "getApplicationPolicy", .access(.appsRead), .policy, .read(get)),
        Route(.put, one, "updateApplicationPolicy", .access(.appsWrite), .policy, .write(update)),
        Route(.delete, one, "deleteApplicationPolicy", .access(.appsWrite), .policy, .write(delete)),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        let page = try call.query.page()
        let all = try call.reader.policies(of: try application(call).id)
        let items = Array(all.dropFirst(page.offset).prefix(page.perPage))
        return .list(Page(items: items, total: all.count), page) { $0.write(to: &$1, account: call.account) }
    }

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        let application = try application(call)
        guard let policy = try call.reader.attachedPolicy(call.path.uuid("policy_id"), of: application.id) else {
            throw .refused(.accessNotFound, "policy not found")
        }
        return .found(version: policy.policy.version) { policy.write(to: &$0, account: call.account) }
    }

    @Sendable static func create(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try PolicyDraft(attached: call.body) }
        let policy = try call.act.attachPolicy(draft, to: call.path.application, in: call.account)
        return reply(.created, policy, call, location: "\(call.call.request.uri)/\(policy.policy.id.uuid)")
    }

    @Sendable static func update(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try PolicyDraft(attached: call.body) }
        let policy = try call.act.replaceAttachedPolicy(
            call.path.uuid("policy_id"), of: call.path.application, with: draft, in: call.account)
        return reply(.ok, policy, call)
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        let id: PolicyID = call.path.uuid("policy_id")
        try call.act.deleteAttachedPolicy(id, of: call.path.application, in: call.account)
        return .deleted(id: id.uuid)
    }

    private static func application(_ call: ReadCall) throws(Failure) -> Application {
        guard let application = try call.reader.application(call.path.application, in: call.account) else {
            throw .refused(.accessNotFound, "application not found")
        }
        return application
    }

    private static func reply(
        _ status: HTTP.Status, _ policy: AttachedPolicy, _ call: WriteCall, location: String? = nil
    ) -> Reply {
        .resource(status, version: policy.policy.version, location: location) { writer, _ in
            policy.write(to: &writer, account: call.account)
        }
    }
}
