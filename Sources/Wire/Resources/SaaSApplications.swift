import Domain
import JSON
import Primitives

/// `saas_app` of an application (contract 20 §9).
package enum SaaSShape {
    static let shape = Shape.custom(
        { value, pointer, problems in
            guard let object = value.objectValue else {
                problems.append(FieldProblem(pointer, "must be an object"))
                return .null
            }
            // Without auth_type the public API means SAML.
            let kind = object["auth_type"].flatMap { $0.isNull ? nil : $0 } ?? "saml"
            switch kind.stringValue {
            case "oidc":
                let result = fields.normalize(object, at: pointer, &problems)
                check(result, pointer, &problems)
                return .object(result)
            case "saml":
                var result = object
                result["auth_type"] = "saml"
                for name in ["client_id", "client_secret", "public_key"] { result[name] = nil }
                return .object(result)
            default:
                problems.append(FieldProblem("\(pointer)/auth_type", "must be one of oidc, saml"))
                return .null
            }
        }, "an OIDC or SAML application")

    private static let grantTypes = [
        "authorization_code", "authorization_code_with_pkce", "refresh_tokens", "hybrid", "implicit",
    ]
    private static let scopes = ["openid", "email", "profile", "groups"]

    static let fields: [Field] = [
        Field("auth_type", .oneOf(["oidc", "saml"]), .required),
        Field(
            "redirect_uris",
            .array(
                .checked(RedirectURI.isExact, "an https URI, http to a loopback host, or a private-use scheme"),
                count: 1...100),
            .required),
        Field("grant_types", .array(.oneOf(grantTypes), count: 1...5), default: ["authorization_code_with_pkce"]),
        Field("scopes", .array(.oneOf(scopes), count: 1...4), default: ["openid", "email", "profile", "groups"]),
        Field("access_token_lifetime", .accessTokenLifetime, default: "5m"),
        Field(
            "refresh_token_options", .object([Field("lifetime", refreshLifetime, default: "1d")]),
            default: ["lifetime": "1d"]),
        Field("allow_pkce_without_client_secret", .bool, default: false),
        Field("custom_claims", .array(.object(claimFields), count: 0...100), default: []),
        Field(
            "group_filter_regex",
            .checked(
                GroupFilter.isValid, "a regular expression of at most 512 bytes without back-references and look-around"
            )),
        Field("hybrid_and_implicit_options", .object(implicitFields)),
        Field("app_launcher_url", .optionalURL),
    ]

    private static let claimFields: [Field] = [
        Field("name", .text(1...255), .required), Field("required", .bool, default: false),
        Field("scope", .oneOf(["groups", "profile", "email", "openid"])),
        Field(
            "source", .object([Field("name", .text(1...255), .required), Field("name_by_idp", .freeObject)]), .required),
    ]

    private static let implicitFields: [Field] = [
        Field("return_id_token_from_authorization_endpoint", .bool, default: false),
        Field("return_access_token_from_authorization_endpoint", .bool, default: false),
    ]

    /// Longer than a minute, in minutes, hours or days.
    private static let refreshLifetime = Shape.checked(
        { isRefreshLifetime($0) }, "a duration longer than 1m in m, h or d, such as 30d")

    package static func isRefreshLifetime(_ text: String) -> Bool {
        guard let unit = text.utf8.last,
            let seconds = [UInt8(ascii: "m"): 60, UInt8(ascii: "h"): 3600, UInt8(ascii: "d"): 86_400][unit]
        else { return false }
        let digits = text.utf8.dropLast()
        guard (1...6).contains(digits.count),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let count = Int(Substring(digits))
        else { return false }
        return count * seconds > 60
    }

    private static func check(_ object: JSONObject, _ pointer: String, _ problems: inout [FieldProblem]) {
        let grants = object["grant_types"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let options = object["hybrid_and_implicit_options"]
        let returnsTokens = implicitFields.contains { options?[$0.name]?.boolValue == true }
        if returnsTokens, !grants.contains("hybrid"), !grants.contains("implicit") {
            problems.append(
                FieldProblem("\(pointer)/hybrid_and_implicit_options", "needs the grant type hybrid or implicit"))
        }
    }
}
