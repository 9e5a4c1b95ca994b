import ControlPlane
import Crypto
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// Applications (contract 20 §8, §9).
enum ApplicationRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/access/apps"
    static let one = base + "/{app_id}"

    static let table: [Route] = [
        Route(.get, base, "listApplications", .access(.appsRead), .application, .read(list)),
        Route(.post, base, "createApplication", .access(.appsWrite), .application, .write(create)),
        Route(.get, one, "getApplication", .access(.appsRead), .application, .read(get)),
        Route(.put, one, "updateApplication", .access(.appsWrite), .application, .write(update)),
        Route(.delete, one, "deleteApplication", .access(.appsWrite), .application, .write(delete)),
        Route(
            .post, one + "/revoke_tokens", "revokeApplicationTokens", .access(.appsRevoke), .application,
            .write(revokeTokens)),
        Route(
            .post, one + "/rotate_client_secret", "rotateApplicationClientSecret", .access(.appsWrite), .application,
            .write(rotateClientSecret)),
        Route(
            .put, one + "/settings", "replaceApplicationSettings", .access(.appsWrite), .application,
            .write(replaceSettings)),
        Route(
            .patch, one + "/settings", "updateApplicationSettings", .access(.appsWrite), .application,
            .write(updateSettings)),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        let page = try call.query.page()
        let filter = ApplicationFilter(
            name: call.query.text("name"), domain: call.query.text("domain"), audience: call.query.text("aud"),
            search: call.query.text("search"), isExact: try call.query.bool("exact") ?? false)
        let found = try call.reader.applications(of: call.account, filter, page)
        let key = try publicKey(for: found.applications.items, in: call.account, call.reader, at: call.call.now)
        let account = call.account
        var rest = found.policies[...]
        // Both queries have the same order, so each application takes its policies off the front.
        return .list(found.applications, page) { application, writer in
            let own = rest.prefix { $0.application == application.id }
            rest = rest.dropFirst(own.count)
            application.write(
                to: &writer, account: account, policies: own,
                details: SaaSDetails(publicKey: application.saas == nil ? nil : key))
        }
    }

    @Sendable static func get(_ call: ReadCall) throws(Failure) -> Reply {
        guard let application = try call.reader.application(call.path.application, in: call.account) else {
            throw .refused(.accessNotFound, "application not found")
        }
        let policies = try call.reader.policies(of: application.id)
        let key = try publicKey(for: [application], in: call.account, call.reader, at: call.call.now)
        return .found(version: application.version) { writer in
            application.write(
                to: &writer, account: call.account, policies: policies[...], details: SaaSDetails(publicKey: key))
        }
    }

    @Sendable static func create(_ call: WriteCall) throws(Failure) -> Reply {
        let draft = try refusing { () throws(Refusal) in try ApplicationDraft(call.body) }
        let saved = try call.act.createApplication(draft, in: call.account)
        return try reply(.created, saved, call, location: "\(call.call.request.uri)/\(saved.application.id.uuid)")
    }

    @Sendable static func update(_ call: WriteCall) throws(Failure) -> Reply {
        let old = try call.act.application(call.path.application, in: call.account)
        let draft = try refusing { () throws(Refusal) in try ApplicationDraft(call.body, replacing: old.type) }
        return try reply(.ok, try call.act.replaceApplication(.id(old.id), with: draft, in: call.account), call)
    }

    @Sendable static func delete(_ call: WriteCall) throws(Failure) -> Reply {
        .deleted(id: try call.act.deleteApplication(call.path.application, in: call.account).uuid)
    }

    @Sendable static func revokeTokens(_ call: WriteCall) throws(Failure) -> Reply {
        try call.act.revokeTokens(of: call.path.application, in: call.account)
        return .resource { writer, _ in
            writer.beginObject()
            writer.endObject()
        }
    }

    @Sendable static func rotateClientSecret(_ call: WriteCall) throws(Failure) -> Reply {
        try reply(.ok, try call.act.rotateClientSecret(of: call.path.application, in: call.account), call)
    }

    @Sendable static func replaceSettings(_ call: WriteCall) throws(Failure) -> Reply {
        try changeSettings(call, isReplacement: true)
    }

    @Sendable static func updateSettings(_ call: WriteCall) throws(Failure) -> Reply {
        try changeSettings(call, isReplacement: false)
    }

    private static func changeSettings(_ call: WriteCall, isReplacement: Bool) throws(Failure) -> Reply {
        let changes = try refusing { () throws(Refusal) in
            try ApplicationSettings.changes(in: call.body, isReplacement: isReplacement)
        }
        let application = try call.act.application(call.path.application, in: call.account)
        var document = try StoredDocument.object(application.document)
        for change in changes { document[change.name] = change.value.map { .bool($0) } }
        let version = try call.act.setDocument(document.jsonText, of: application, in: call.account)
        return .resource(version: version) { writer, _ in ApplicationSettings.write(.object(document), to: &writer) }
    }

    static func reply(
        _ status: HTTP.Status, _ saved: SavedApplication, _ call: WriteCall, location: String? = nil
    ) throws(Failure) -> Reply {
        let key = try publicKey(for: [saved.application], in: call.account, call.reader, at: call.call.now)
        return .resource(
            status, version: saved.application.version, location: location, hasSecret: saved.secret != nil
        ) { writer, showingSecrets in
            saved.application.write(
                to: &writer, account: call.account, policies: saved.policies[...],
                details: SaaSDetails(secret: showingSecrets ? saved.secret : nil, publicKey: key))
        }
    }

    /// The key that signs for the account, where an answer shows it. Absent until the first login makes one.
    private static func publicKey(
        for applications: [Application], in account: AccountID, _ reader: any Reading, at now: Timestamp
    ) throws(Failure) -> String? {
        guard applications.contains(where: { $0.saas != nil }), let key = try reader.signingKey(of: account, at: now)
        else {
            return nil
        }
        do throws(CryptoError) {
            return try PublicKey(spki: key.publicDER).pem
        } catch { throw .inconsistent("a stored signing key does not parse: \(error)") }
    }
}

extension PathParameters {
    /// The application that `{app_id}` names, by id or audience.
    var application: ApplicationKey {
        let text = text("app_id")
        if let audience = Audience(hex: text) { return .audience(audience) }
        return .id(uuid("app_id"))
    }
}

/// Documents that come back from the database to be changed.
enum StoredDocument {
    static func object(_ document: JSONText) throws(Failure) -> JSONObject {
        do throws(JSONError) {
            return try JSONParser.parse(document).objectValue ?? JSONObject()
        } catch { throw .inconsistent("a stored document is not JSON: \(error)") }
    }
}
