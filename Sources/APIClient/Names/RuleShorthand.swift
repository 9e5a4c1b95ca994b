package import JSON

/// Policy rules as a person writes them on a command line: `everyone`, `email:a@x.org`, `group:Staff`, or the rule's JSON.
package enum RuleShorthand {
    /// What follows the colon.
    private enum Operand {
        case none
        /// The value of one member.
        case text(String)
        /// A resource of the account, by name or identifier, as the value of one member.
        case resource(String, ResourceKind)
        /// A list as the value of one member.
        case list(String)
        /// `IDP/value`: a group or a name at an identity provider.
        case ofProvider(String)
        /// `IDP/claim=value`, with the names of the two members.
        case claim(String, String)
    }

    private static let operands: [(selector: String, operand: Operand)] = [
        ("everyone", .none), ("any_valid_service_token", .none), ("certificate", .none),
        ("email", .text("email")), ("email_domain", .text("domain")), ("email_list", .text("id")),
        ("ip", .text("ip")), ("ip_list", .text("id")), ("geo", .text("country_code")),
        ("auth_method", .text("auth_method")), ("common_name", .text("common_name")),
        ("group", .resource("id", .group)), ("login_method", .resource("id", .identityProvider)),
        ("service_token", .resource("token_id", .serviceToken)), ("linked_app_token", .resource("app_uid", .app)),
        ("cloudflare_account_member", .resource("account_id", .account)),
        ("user_risk_score", .list("user_risk_score")),
        ("azureAD", .ofProvider("id")), ("okta", .ofProvider("name")), ("gsuite", .ofProvider("email")),
        ("oidc", .claim("claim_name", "claim_value")), ("saml", .claim("attribute_name", "attribute_value")),
    ]

    /// The selectors that have a short form, for help texts.
    package static var selectors: [String] { operands.map(\.selector) }

    /// - Parameter identifier: finds a resource of the account by name.
    /// - Throws: ``ClientError/misuse(_:)`` for an unknown selector or a missing value.
    package static func rule(
        _ text: String, identifier: (ResourceKind, String) async throws(ClientError) -> String
    ) async throws(ClientError) -> JSONValue {
        if text.hasPrefix("{") {
            do {
                return try JSONParser.parse(text)
            } catch {
                throw .misuse("the rule \(text) is not JSON (byte \(error.offset))")
            }
        }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let selector = parts[0]
        let value = parts.count == 2 ? parts[1] : ""
        guard let operand = operands.first(where: { $0.selector == selector })?.operand else {
            throw .misuse("unknown selector \"\(selector)\": use one of \(selectors.joined(separator: ", ")), or JSON")
        }
        var body: JSONObject = [:]
        switch operand {
        case .none:
            guard value.isEmpty else { throw .misuse("the rule \(selector) takes no value") }
        case .text(let key):
            body[key] = .string(try required(value, of: selector))
        case .list(let key):
            body[key] = .array(try required(value, of: selector).split(separator: ",").map { .string(String($0)) })
        case .resource(let key, let kind):
            body[key] = .string(try await identifier(kind, try required(value, of: selector)))
        case .ofProvider(let key):
            let (provider, name) = try pair(value, "/", of: selector, as: "IDP/\(key)")
            body[key] = .string(name)
            body["identity_provider_id"] = .string(try await identifier(.identityProvider, provider))
        case .claim(let nameKey, let valueKey):
            let (provider, claim) = try pair(value, "/", of: selector, as: "IDP/NAME=VALUE")
            let (name, expected) = try pair(claim, "=", of: selector, as: "IDP/NAME=VALUE")
            body[nameKey] = .string(name)
            body[valueKey] = .string(expected)
            body["identity_provider_id"] = .string(try await identifier(.identityProvider, provider))
        }
        return [selector].reduce(into: JSONValue.object([:])) { rule, key in
            rule = rule.setting([key], to: .object(body))
        }
    }

    private static func required(_ value: String, of selector: String) throws(ClientError) -> String {
        guard !value.isEmpty else { throw .misuse("the rule \(selector) needs a value: \(selector):VALUE") }
        return value
    }

    private static func pair(
        _ text: String, _ separator: Character, of selector: String, as form: String
    ) throws(ClientError) -> (String, String) {
        guard let position = text.firstIndex(of: separator) else {
            throw .misuse("the rule \(selector) is written \(selector):\(form)")
        }
        return (String(text[..<position]), String(text[text.index(after: position)...]))
    }
}
