package import Domain
package import JSON
package import Primitives

/// Applications on the wire (contract 20 §8).
extension ApplicationDraft {
    /// - Parameter type: what the application is already; a replacement must not change it.
    /// - Throws: every problem of the body at once; what it names is looked up later.
    package init(_ value: JSONValue, replacing type: ApplicationType? = nil) throws(Refusal) {
        guard let object = value.objectValue else {
            throw Refusal(.accessInvalidRequest, "the body must be a JSON object", at: "")
        }
        guard let kind = object["type"]?.stringValue.flatMap(ApplicationType.init) else {
            throw Refusal(.accessInvalidRequest, "app type is missing or invalid", at: "/type")
        }
        guard type == nil || type == kind else {
            throw Refusal(.accessInvalidRequest, "app type is missing or invalid: it can not change", at: "/type")
        }
        var problems: [FieldProblem] = []
        var body = Body(value, as: kind.fields, &problems)
        let destinations = kind.hasDestinations ? Self.placeDestinations(&body) : []
        Self.check(body, kind, destinations, &problems)
        try Body.refuse(problems, as: .accessInvalidRequest)
        let domain = body.text("domain") ?? destinations.first?.text
        self.init(
            type: kind, name: body.text("name") ?? domain, domain: domain,
            document: body.document(without: Self.columns),
            destinations: destinations, allowedIdPs: body.texts("allowed_idps").compactMap { .init(uuid: $0) },
            isAutoRedirecting: body.bool("auto_redirect_to_identity"), tags: body.texts("tags"),
            customPages: body.texts("custom_pages").compactMap { .init(uuid: $0) },
            policies: (body["policies"]?.arrayValue ?? []).map(ApplicationPolicyItem.init(normalized:)),
            saas: body["saas_app"].map { SaaSDraft(isOIDC: $0["auth_type"] == "oidc", document: $0.jsonText) })
    }

    /// Members that are not part of the stored document.
    private static let columns: Set<String> = [
        "type", "name", "domain", "tags", "allowed_idps", "auto_redirect_to_identity", "policies", "saas_app",
    ]

    /// Settles `destinations` from the three members that can say where an application answers: `destinations` supersedes
    /// `self_hosted_domains`, and `domain` is always one of them.
    private static func placeDestinations(_ body: inout Body) -> [PublicDestination] {
        var items = body["destinations"]?.arrayValue ?? body.texts("self_hosted_domains").map { publicItem($0) }
        if let domain = body.text("domain"), !items.contains(where: { $0["uri"]?.stringValue == domain }) {
            items.insert(publicItem(domain), at: 0)
        }
        let places = items.compactMap { $0["uri"]?.stringValue }
        var object = body.object
        object["destinations"] = .array(items)
        object["self_hosted_domains"] = .array(places.map { .string($0) })
        body = Body(normalized: object)
        return places.compactMap { PublicDestination($0) }
    }

    private static func publicItem(_ place: String) -> JSONValue { ["type": "public", "uri": .string(place)] }

    /// Rules that involve more than one member.
    private static func check(
        _ body: Body, _ type: ApplicationType, _ destinations: [PublicDestination], _ problems: inout [FieldProblem]
    ) {
        func refuse(_ name: String, _ sentence: String) { problems.append(FieldProblem("/\(name)", sentence)) }
        let isPlaced = body.text("domain") != nil || !destinations.isEmpty
        if type == .selfHosted, !isPlaced, body["destinations"]?.arrayValue?.isEmpty ?? true,
            !problems.contains(where: { $0.pointer.hasPrefix("/d") || $0.pointer.hasPrefix("/self") })
        {
            refuse("domain", "is required")
        }
        if body.text("name") == nil, !isPlaced, type != .appLauncher, type != .bookmark,
            !problems.contains(where: { $0.pointer == "/name" || $0.pointer == "/domain" })
        {
            refuse("name", "is required where there is no domain")
        }
        if destinations.count > 1, Set(destinations).count != destinations.count {
            refuse("destinations", "must not repeat a place")
        }
        for name in ["tags", "allowed_idps", "custom_pages"] {
            let items = body.texts(name)
            if items.count > 1, Set(items).count != items.count { refuse(name, "must not repeat an item") }
        }
        if body.bool("auto_redirect_to_identity"), body.texts("allowed_idps").count != 1 {
            refuse("auto_redirect_to_identity", "needs exactly one item in allowed_idps")
        }
        if body["cors_headers"]?["allow_credentials"] == true, body["cors_headers"]?["allow_all_origins"] == true {
            refuse("cors_headers/allow_credentials", "can not be combined with allow_all_origins")
        }
        if body["cors_headers"] != nil, body.bool("options_preflight_bypass") {
            refuse("options_preflight_bypass", "can not be combined with cors_headers")
        }
        let domain = body.text("domain").flatMap { PublicDestination($0) } ?? destinations.first
        if body["oauth_configuration"]?.objectValue != nil, let domain, !domain.path.isEmpty {
            problems.append(FieldProblem("/domain", "can not have a path if oauth is configured"))
        }
    }
}

/// What only some answers show of a SaaS application.
package struct SaaSDetails: Sendable {
    /// Shown in the answer that made it.
    package let secret: Secret<String>?
    /// The key that signs the account's tokens, as PEM.
    package let publicKey: String?

    package init(secret: Secret<String>? = nil, publicKey: String? = nil) {
        self.secret = secret
        self.publicKey = publicKey
    }
}

extension Application {
    /// - Parameter policies: those of this application, by precedence.
    package func write(
        to writer: inout JSONWriter, account: AccountID, policies: ArraySlice<AttachedPolicy>,
        details: SaaSDetails = SaaSDetails()
    ) {
        writer.beginObject()
        writer.member("id", uuid: id)
        writer.member("uid", uuid: id)
        writer.member("aud", long: audience)
        writer.member("type", type.rawValue)
        writer.member("name", name)
        if let domain { writer.member("domain", domain) }
        writer.rawMembers(of: document)
        writer.member("tags", raw: tags)
        if type.hasLogin {
            writer.key("allowed_idps")
            writer.beginArray()
            for idp in allowedIdPs { writer.value(uuid: idp) }
            writer.endArray()
            writer.member("auto_redirect_to_identity", isAutoRedirecting)
        }
        if let saas { write(saas, details, to: &writer) }
        writer.key("policies")
        writer.beginArray()
        for policy in policies { policy.write(to: &writer, account: account) }
        writer.endArray()
        writer.member("created_at", time: createdAt)
        writer.member("updated_at", time: updatedAt)
        writer.endObject()
    }

    private func write(_ saas: SaaSClient, _ details: SaaSDetails, to writer: inout JSONWriter) {
        writer.key("saas_app")
        writer.beginObject()
        writer.rawMembers(of: saas.document)
        if let clientID = saas.clientID { writer.member("client_id", long: clientID) }
        if let secret = details.secret { writer.member("client_secret", secret.exposed()) }
        if let publicKey = details.publicKey { writer.member("public_key", publicKey) }
        writer.endObject()
    }
}

/// `…/settings` of an application.
package struct ApplicationSettings: Sendable, Equatable {
    package static let names = ["allow_iframe", "skip_interstitial"]
    package static let fields: [Field] = names.map { Field($0, .bool) }

    /// The members of a body; a replacement resets those that it leaves out.
    package static func changes(in value: JSONValue, isReplacement: Bool) throws(Refusal) -> [(
        name: String, value: Bool?
    )] {
        let body = try Body(value, as: fields, orRefuse: .accessInvalidRequest)
        return names.compactMap { name in
            let isNamed = value.objectValue?.contains(name) ?? false
            return isReplacement || isNamed ? (name, body.optionalBool(name)) : nil
        }
    }

    /// - Parameter document: the application's, as it is stored.
    package static func write(_ document: JSONValue, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("allow_iframe", document["allow_iframe"]?.boolValue ?? false)
        writer.member("skip_interstitial", document["skip_interstitial"]?.boolValue ?? false)
        writer.endObject()
    }
}
