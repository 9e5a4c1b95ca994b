import ControlPlane
import Domain
import Federation
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Looking at identity providers from outside (contract 20 §5).
enum IdentityProviderTestRoutes: RouteGroup {
    static let table: [Route] = [
        Route(
            .post, IdentityProviderRoutes.one + "/test", "testIdentityProvider", .access(.identityWrite),
            .identityProvider,
            .wait(test)),
        Route(
            .delete, IdentityProviderRoutes.one + "/discovery_cache", "deleteIdentityProviderDiscoveryCache",
            .access(.identityWrite), .identityProvider, .write(forget)),
    ]

    /// Fetches discovery and keys now and tells what was found. Changes nothing that a client wrote, so there is no
    /// audit row; an issuer that was unknown so far is learnt.
    @Sendable static func test(_ call: WaitCall) async throws(Failure) -> FinalAnswer {
        let id: IdentityProviderID = call.path.uuid("identity_provider_id")
        let account = call.account
        let provider = try await call.read { (reader) throws(Failure) in
            try reader.ownProvider(id, in: account, orRefuse: "is tested in its source account")
        }
        guard provider.type.canLogIn else { throw .refused(.accessInvalidRequest, "type not supported for login") }
        let findings = await KeyProbe(keys: call.call.plane.keys).findings(of: provider)
        if provider.issuer == nil, provider.learntIssuer == nil, let issuer = findings.document?.discovery?.issuer {
            try await call.call.plane.provide(.issuer(issuer, of: id))
        }
        return try await call.keep(FinalAnswer(.found { findings.write(to: &$0) }))
    }

    /// The next token makes the keys be fetched again.
    @Sendable static func forget(_ call: WriteCall) throws(Failure) -> Reply {
        let id: IdentityProviderID = call.path.uuid("identity_provider_id")
        let provider = try call.reader.ownProvider(id, in: call.account, orRefuse: "has its keys in its source account")
        call.call.plane.keys.expire(provider.id)
        call.act.record(
            AuditEvent(
                .delete, AuditedResource(.identityProvider, id.uuid), account: call.account,
                description: "discovery cache"))
        return .deleted(.ok, id: id.uuid)
    }
}

extension Reading {
    /// - Throws: 12136 for a connection, 12135 for an unknown id.
    fileprivate func ownProvider(
        _ id: IdentityProviderID, in account: AccountID, orRefuse sentence: String
    ) throws(Failure) -> IdentityProvider {
        if let provider = try identityProvider(id, in: account) { return provider }
        guard try connection(id, in: account) == nil else {
            throw .refused(.accessReadOnly, "this is a read-only connection, which \(sentence)")
        }
        throw .refused(.accessNotFound, "identity provider not found")
    }
}

extension ProviderFindings {
    fileprivate func write(to writer: inout JSONWriter) {
        let discovery = document?.discovery
        writer.beginObject()
        writer.member("success", failure == nil)
        writer.member("type", provider.type.rawValue)
        writer.member("issuer", provider.issuer ?? provider.learntIssuer ?? discovery?.issuer)
        writer.key("endpoints")
        writer.beginObject()
        if let endpoint = discovery?.authorizationEndpoint { writer.member("authorization_endpoint", endpoint) }
        if let endpoint = discovery?.tokenEndpoint { writer.member("token_endpoint", endpoint) }
        if let endpoint = discovery?.userInfoEndpoint { writer.member("userinfo_endpoint", endpoint) }
        if let document { writer.member("jwks_uri", document.url) }
        writer.endObject()
        writer.key("keys")
        writer.beginArray()
        for key in document?.found ?? [] {
            writer.beginObject()
            writer.member("kid", key.keyID)
            writer.member("kty", key.keyType)
            writer.member("alg", key.algorithm)
            writer.member("use", key.use)
            writer.endObject()
        }
        writer.endArray()
        writer.key("problems")
        writer.beginArray()
        if let failure { writer.value(failure) }
        if let skipped = document?.skipped, skipped > 0 {
            writer.value("\(skipped) keys cannot be read and are not used")
        }
        writer.endArray()
        writer.endObject()
    }
}
