import JSON

/// What a reference in a document names.
package enum ReferenceKind: String, Sendable, Hashable, CaseIterable {
    case account, identityProvider, customPage, serviceToken, group, policy, app

    package var title: String { kind.title }

    package var kind: ResourceKind {
        switch self {
        case .account: .account
        case .identityProvider: .identityProvider
        case .customPage: .customPage
        case .serviceToken: .serviceToken
        case .group: .group
        case .policy: .policy
        case .app: .app
        }
    }
}

/// Where a resource names another one: a path into its JSON in which `*` stands for every element or member.
package struct ReferencePath: Sendable {
    package let kind: ReferenceKind
    let steps: [String]
    /// The references are the names of the members there, not a value.
    let isKeys: Bool

    init(_ kind: ReferenceKind, _ steps: String..., isKeys: Bool = false) {
        self.init(kind, steps: steps, isKeys: isKeys)
    }

    init(_ kind: ReferenceKind, steps: [String], isKeys: Bool = false) {
        self.kind = kind
        self.steps = steps
        self.isKeys = isKeys
    }

    /// The same reference below another path.
    func below(_ prefix: String...) -> ReferencePath { ReferencePath(kind, steps: prefix + steps, isKeys: isKeys) }

    /// `value` with every reference on this path replaced.
    func replacing(
        in value: JSONValue, _ replacement: (String) throws(ClientError) -> String
    ) throws(ClientError) -> JSONValue {
        try Self.replace(value, steps[...], isKeys, replacement)
    }

    private static func replace(
        _ value: JSONValue, _ steps: ArraySlice<String>, _ isKeys: Bool,
        _ replacement: (String) throws(ClientError) -> String
    ) throws(ClientError) -> JSONValue {
        guard let step = steps.first else { return try leaf(value, isKeys, replacement) }
        let rest = steps.dropFirst()
        switch value {
        case .array(let elements) where step == "*":
            var replaced: [JSONValue] = []
            for element in elements { replaced.append(try replace(element, rest, isKeys, replacement)) }
            return .array(replaced)
        case .object(var object):
            for key in step == "*" ? object.keys : [step] {
                guard let member = object[key] else { continue }
                object[key] = try replace(member, rest, isKeys, replacement)
            }
            return .object(object)
        default:
            return value
        }
    }

    private static func leaf(
        _ value: JSONValue, _ isKeys: Bool, _ replacement: (String) throws(ClientError) -> String
    ) throws(ClientError) -> JSONValue {
        if isKeys {
            guard let object = value.objectValue else { return value }
            var replaced = JSONObject()
            for (key, member) in object { replaced[try replacement(key)] = member }
            return .object(replaced)
        }
        guard let text = value.stringValue else { return value }
        return .string(try replacement(text))
    }
}

extension ReferencePath {
    /// The selectors of policies and groups that name another resource (contract 20 §12).
    static let ofRules: [ReferencePath] = {
        let selectors: [(String, String, ReferenceKind)] = [
            ("group", "id", .group), ("login_method", "id", .identityProvider),
            ("service_token", "token_id", .serviceToken),
            ("linked_app_token", "app_uid", .app), ("cloudflare_account_member", "account_id", .account),
            ("auth_context", "identity_provider_id", .identityProvider),
            ("azureAD", "identity_provider_id", .identityProvider),
            ("okta", "identity_provider_id", .identityProvider), ("gsuite", "identity_provider_id", .identityProvider),
            ("github-organization", "identity_provider_id", .identityProvider),
            ("saml", "identity_provider_id", .identityProvider), ("oidc", "identity_provider_id", .identityProvider),
            ("device_posture", "account_id", .account),
        ]
        return ["include", "exclude", "require"].flatMap { list in
            selectors.map { ReferencePath($0.2, list, "*", $0.0, $0.1) }
        }
    }()
}
