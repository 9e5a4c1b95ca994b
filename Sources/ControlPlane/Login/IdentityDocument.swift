package import Domain
package import JSON
package import Primitives

/// Identities as they are stored with sessions and cross a bridge.
extension ProvenIdentity {
    /// Reads what an ID token says.
    ///
    /// - Parameters:
    ///   - claims: all claims of the token.
    ///   - passed: the names of those that are passed on.
    package init(claims: JSONObject, subject: String, email: String, passing passed: [String], at now: Timestamp) {
        var fields = JSONObject()
        var texts: [String: [String]] = [:]
        for name in passed {
            guard let value = claims[name] else { continue }
            fields[name] = value
            texts[name] = Self.texts(value)
        }
        let groups = Self.groups(claims["groups"])
        if !groups.isEmpty { texts["groups"] = groups }
        let name = claims["name"]?.stringValue ?? claims["preferred_username"]?.stringValue ?? ""
        let contexts = Self.texts(claims["acr"] ?? .null) + Self.texts(claims["acrs"] ?? .null)
        let authenticated = claims["auth_time"]?.integerValue.map { Timestamp(seconds: $0) }
        self.init(
            subject: subject, email: email, name: String(name.prefix(255)), groups: groups,
            amr: Self.texts(claims["amr"] ?? .null), acrs: contexts,
            oidcFields: JSONValue.object(fields).jsonText, claims: texts,
            authenticatedAt: min(authenticated ?? now, now))
    }

    /// A plain value is one text, an array one for each plain item, an object none.
    private static func texts(_ value: JSONValue) -> [String] {
        switch value {
        case .string(let text): [text]
        case .number, .bool: [value.jsonText.text]
        case .array(let items): items.flatMap { $0.arrayValue == nil ? texts($0) : [] }
        case .object, .null: []
        }
    }

    /// Groups are texts, or objects with a name, an id or an address.
    private static func groups(_ value: JSONValue?) -> [String] {
        (value?.arrayValue ?? value?.stringValue.map { [.string($0)] } ?? []).compactMap { item in
            item.stringValue ?? item["name"]?.stringValue ?? item["id"]?.stringValue ?? item["email"]?.stringValue
        }
    }
}

extension ProvenIdentity {
    /// The form in which it crosses a bridge.
    package var document: JSONText {
        var writer = JSONWriter()
        writer.beginObject()
        writeMembers(to: &writer)
        writer.endObject()
        return writer.jsonText
    }

    fileprivate func writeMembers(to writer: inout JSONWriter) {
        writer.member("sub", subject)
        writer.member("email", email)
        writer.member("name", name)
        writer.member("groups", groups)
        writer.member("amr", amr)
        writer.member("acrs", acrs)
        writer.member("oidc_fields", raw: oidcFields)
        writer.member("auth_time", authenticatedAt.microseconds)
    }

    /// `nil` for a text that ``document`` did not write.
    package init?(document: JSONText) {
        guard let object = document.object else { return nil }
        self.init(object)
    }

    fileprivate init?(_ object: JSONObject) {
        guard let subject = object["sub"]?.stringValue, let email = object["email"]?.stringValue,
            let name = object["name"]?.stringValue, let fields = object["oidc_fields"]?.objectValue,
            let time = object["auth_time"]?.integerValue
        else { return nil }
        func list(_ key: String) -> [String] { object[key]?.arrayValue?.compactMap(\.stringValue) ?? [] }
        let groups = list("groups")
        var claims: [String: [String]] = [:]
        for (name, value) in fields { claims[name] = Self.texts(value) }
        if !groups.isEmpty { claims["groups"] = groups }
        self.init(
            subject: subject, email: email, name: name, groups: groups, amr: list("amr"), acrs: list("acrs"),
            oidcFields: JSONValue.object(fields).jsonText, claims: claims,
            authenticatedAt: Timestamp(microseconds: time))
    }
}

extension Identity {
    /// The form in which sessions keep it.
    package var document: JSONText {
        var writer = JSONWriter()
        writer.beginObject()
        proven.writeMembers(to: &writer)
        writer.member("user_uuid", uuid: user)
        writer.key("idp")
        writer.beginObject()
        writer.member("id", uuid: provider.id)
        writer.member("type", provider.type.rawValue)
        if let source = provider.source {
            writer.member("source_account_id", hex: source.account)
            writer.member("source_idp_id", uuid: source.provider)
        }
        writer.endObject()
        if !evaluations.isEmpty { writeEvaluations(to: &writer) }
        writer.endObject()
        return writer.jsonText
    }

    private func writeEvaluations(to writer: inout JSONWriter) {
        writer.key("evaluations")
        writer.beginArray()
        for (question, answer) in evaluations.sorted(by: { $0.key.evaluateURL < $1.key.evaluateURL }) {
            writer.beginObject()
            writer.member("evaluate_url", question.evaluateURL)
            writer.member("keys_url", question.keysURL)
            if let isSuccess = answer.isSuccess { writer.member("success", isSuccess) }
            writer.member("ask_again", answer.asksAgainAt.microseconds)
            writer.endObject()
        }
        writer.endArray()
    }

    private static func evaluations(_ value: JSONValue?) -> [ExternalEvaluation: EvaluationAnswer] {
        var found: [ExternalEvaluation: EvaluationAnswer] = [:]
        for item in value?.arrayValue ?? [] {
            guard let address = item["evaluate_url"]?.stringValue, let keys = item["keys_url"]?.stringValue else {
                continue
            }
            found[ExternalEvaluation(evaluateURL: address, keysURL: keys)] = EvaluationAnswer(
                isSuccess: item["success"]?.boolValue,
                asksAgainAt: Timestamp(microseconds: item["ask_again"]?.integerValue ?? .min))
        }
        return found
    }

    /// `nil` for a text that ``document`` did not write.
    package init?(document: JSONText) {
        guard let object = document.object, let proven = ProvenIdentity(object),
            let user = object["user_uuid"]?.stringValue.flatMap({ AccessUserID(uuid: $0) }),
            let id = object["idp"]?["id"]?.stringValue.flatMap({ IdentityProviderID(uuid: $0) }),
            let type = object["idp"]?["type"]?.stringValue.flatMap(IdentityProviderType.init)
        else { return nil }
        var source: BridgedSource?
        if let account = object["idp"]?["source_account_id"]?.stringValue.flatMap({ AccountID(hex: $0) }),
            let provider = object["idp"]?["source_idp_id"]?.stringValue.flatMap({ IdentityProviderID(uuid: $0) })
        {
            source = BridgedSource(account: account, provider: provider)
        }
        self.init(proven, user: user, through: LoginProvider(id: id, type: type, source: source))
        evaluations = Self.evaluations(object["evaluations"])
    }
}

extension JSONText {
    /// The object that the text is; `nil` for anything else.
    package var object: JSONObject? {
        do throws(JSONError) {
            return try JSONParser.parse(text).objectValue
        } catch { return nil }
    }
}
