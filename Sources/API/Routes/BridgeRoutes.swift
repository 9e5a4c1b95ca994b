import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// The one-click bridge of an account (contract 30 §7).
enum BridgeRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/access/idp_bridge"

    static let table: [Route] = [
        Route(.get, base, "getIdPBridge", .account(.identityRead), .bridge, .read(get)),
        Route(.post, base, "createIdPBridge", .account(.identityWrite), .bridge, .write(create)),
        Route(.delete, base, "deleteIdPBridge", .account(.identityWrite), .bridge, .write(delete)),
        // The name under which contract 20 §22 lists the state of an account's bridge.
        Route(
            .get, "/accounts/{account_id}/access/bridge", "getAccessBridge", .account(.identityRead), .bridge,
            .read(get)),
    ]

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        let state = try call.reader.bridgeState(of: call.account, wasBridged: true)
        return .found { write(state, call.call.plane.settings, to: &$0, wasBridged: state.governed.connection != nil) }
    }

    @Sendable static func create(_ call: WriteCall) throws(Failure) -> Reply {
        let body = try refusing { () throws(Refusal) in
            try Body(
                call.body, as: [Field("set_as_only_login", .bool, default: false)], orRefuse: .accessInvalidRequest)
        }
        let domain = call.call.plane.settings.accessDomain
        let state = try call.act.bridge(call.account, asOnlyLogin: body.bool("set_as_only_login")) {
            (name, team) throws(Failure) in
            try refusing { () throws(Refusal) in
                try ZeroTrustOrganizationDraft(
                    ["name": .string(name), "auth_domain": .string("\(team).\(domain)")], accessDomain: domain)
            }
        }
        let isNew = !state.wasBridged && state.governed.status != .source
        return .resource(isNew ? .created : .ok, notices: call.act.notices) { writer, _ in
            write(state, call.call.plane.settings, to: &writer, wasBridged: !isNew)
        }
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        let account = call.account
        if try call.query.bool("preview") == true {
            return .preview(try call.act.preview { (act) throws(Failure) in try act.unbridge(account) })
        }
        try call.act.unbridge(account)
        return .resource(notices: call.act.notices) { writer, _ in
            writer.beginObject()
            writer.member("account_id", hex: account)
            writer.endObject()
        }
    }

    private static func write(_ state: BridgeState, _ settings: Settings, to writer: inout JSONWriter, wasBridged: Bool)
    {
        state.governed.write(
            to: &writer, identityProvider: state.identityProvider,
            loginURL: state.team.map { settings.teamOrigin($0) + "/cdn-cgi/access/login" }, wasBridged: wasBridged)
    }
}
