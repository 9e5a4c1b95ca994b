import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Service tokens (contract 20 §14).
enum ServiceTokenRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/access/service_tokens"

    static let table: [Route] = [
        Route(.get, base, "listServiceTokens", .access(.serviceTokensRead), .serviceToken, .read(list)),
        Route(.post, base, "createServiceToken", .access(.serviceTokensWrite), .serviceToken, .write(create)),
        Route(
            .get, base + "/{service_token_id}", "getServiceToken", .access(.serviceTokensRead), .serviceToken,
            .read(get)),
        Route(
            .put, base + "/{service_token_id}", "updateServiceToken", .access(.serviceTokensWrite), .serviceToken,
            .write(update)),
        Route(
            .delete, base + "/{service_token_id}", "deleteServiceToken", .access(.serviceTokensWrite), .serviceToken,
            .write(delete)),
        Route(
            .post, base + "/{service_token_id}/refresh", "refreshServiceToken", .access(.serviceTokensWrite),
            .serviceToken,
            .write(refresh)),
        Route(
            .post, base + "/{service_token_id}/rotate", "rotateServiceToken", .access(.serviceTokensWrite),
            .serviceToken,
            .write(rotate)),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        let page = try call.query.page()
        let tokens = try call.reader.serviceTokens(
            of: call.account, named: call.query.text("name"), matching: call.query.text("search"), page)
        return .list(tokens, page) { $0.write(to: &$1) }
    }

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        guard let token = try call.reader.serviceToken(call.path.uuid("service_token_id"), in: call.account) else {
            throw .refused(.accessNotFound, "service token not found")
        }
        return .found(version: token.version) { token.write(to: &$0) }
    }

    @Sendable static func create(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try ServiceTokenDraft(call.body) }
        let issued = try call.act.issueServiceToken(draft, in: call.account)
        return reply(.created, issued, location: "\(call.call.request.uri)/\(issued.token.id.uuid)")
    }

    @Sendable static func update(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try ServiceTokenDraft(call.body) }
        return reply(
            .ok, try call.act.renewServiceToken(call.path.uuid("service_token_id"), as: draft, in: call.account))
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        let token = try call.reader.serviceToken(call.path.uuid("service_token_id"), in: call.account)
        try call.act.deleteServiceToken(call.path.uuid("service_token_id"), in: call.account)
        return .resource { writer, _ in
            if let token { token.write(to: &writer) } else { writer.null() }
        }
    }

    @Sendable static func refresh(_ call: WriteCall) throws(Failure) -> Reply {
        let token = try call.act.refreshServiceToken(call.path.uuid("service_token_id"), in: call.account)
        return .resource(version: token.version) { writer, _ in token.write(to: &writer) }
    }

    @Sendable static func rotate(_ call: WriteCall) throws(Failure) -> Reply {
        let body = try refusing { () throws(Refusal) in
            try Body(
                call.body, as: [Field("previous_client_secret_expires_at", .instant)], orRefuse: .accessInvalidRequest)
        }
        return reply(
            .ok,
            try call.act.rotateServiceToken(
                call.path.uuid("service_token_id"), graceEnd: body.instant("previous_client_secret_expires_at"),
                in: call.account))
    }

    private static func reply(_ status: Status, _ issued: IssuedServiceToken, location: String? = nil) -> Reply {
        .resource(status, version: issued.token.version, location: location, hasSecret: true) {
            writer, showingSecrets in
            issued.token.write(to: &writer, secret: showingSecrets ? issued.secret : nil)
        }
    }
}
