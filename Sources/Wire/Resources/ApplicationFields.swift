package import Domain
import JSON
import Primitives

/// The members of every kind of application (contract 20 §8), one table a kind.
extension ApplicationType {
    package var fields: [Field] { Self.tables[self] ?? [] }

    private static let tables: [ApplicationType: [Field]] = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0, table(for: $0)) })

    private static func table(for type: ApplicationType) -> [Field] {
        var fields = common
        switch type {
        case .bookmark:
            fields.append(Field("domain", bookmarkPlace, .required))
            return fields
        case .selfHosted: fields += destinations + web + selfHosted + oauth
        case .mcp, .mcpPortal: fields += destinations + web + oauth
        case .saas: fields.append(Field("saas_app", SaaSShape.shape, .required))
        case .appLauncher: fields += launcher
        }
        return fields + login
    }

    private static let common: [Field] = [
        Field("type", .oneOf(allCases.map(\.rawValue)), .required),
        Field("name", .name),
        Field("tags", .array(.name, count: 0...25), default: []),
        Field("app_launcher_visible", .bool, default: true),
        Field("logo_url", .optionalURL),
        Field("policies", .array(ApplicationPolicyItem.shape, count: 0...500), default: []),
    ]

    private static let login: [Field] = [
        Field("allowed_idps", .array(.uuid, count: 0...100), default: []),
        Field("auto_redirect_to_identity", .bool, default: false),
        Field("session_duration", .sessionDuration, default: "24h"),
        Field("custom_deny_message", .text(0...1024)),
        Field("custom_deny_url", .optionalURL),
        Field("custom_non_identity_deny_url", .optionalURL),
        Field("custom_pages", .array(.uuid, count: 0...10), default: []),
        Field("mfa_config", .freeObject),
        Field("scim_config", withoutSecrets),
    ]

    /// Provisioning to an application does nothing here, so its passwords and tokens are not kept at all.
    private static let withoutSecrets = Shape.custom(
        { value, pointer, problems in
            guard value.objectValue != nil else {
                problems.append(FieldProblem(pointer, "must be an object"))
                return .null
            }
            return stripped(value)
        }, "an object")

    private static func stripped(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object):
            var rest = JSONObject()
            for (key, member) in object where !["password", "token", "client_secret"].contains(key) {
                rest[key] = stripped(member)
            }
            return .object(rest)
        case .array(let items): return .array(items.map(stripped))
        default: return value
        }
    }

    private static let destinations: [Field] = [
        Field("domain", .destination),
        Field("destinations", .array(ApplicationDestination.shape, count: 0...100)),
        Field("self_hosted_domains", .array(.destination, count: 0...100)),
    ]

    private static let web: [Field] = [
        Field("http_only_cookie_attribute", .bool, default: true),
        Field("same_site_cookie_attribute", .oneOf(["none", "lax", "strict"]), default: "lax"),
        Field("path_cookie_attribute", .bool, default: false),
        Field("enable_binding_cookie", .bool, default: false),
        Field("eager_redirect_cookie_setting", .bool, default: true),
        Field("options_preflight_bypass", .bool, default: false),
        Field("service_auth_401_redirect", .bool, default: false),
        Field("skip_interstitial", .bool),
        Field("allow_iframe", .bool),
        Field("allow_authenticate_via_warp", .bool),
        Field("use_clientless_isolation_app_launcher_url", .bool),
    ]

    private static let selfHosted: [Field] = [
        Field("cors_headers", .object(cors)),
        Field(
            "read_service_tokens_from_header",
            .checked({ $0.utf8.count <= 128 && $0.isFieldName }, "the name of a header field")),
    ]

    private static let cors: [Field] = [
        Field("allow_all_origins", .bool), Field("allow_all_methods", .bool), Field("allow_all_headers", .bool),
        Field("allowed_origins", .array(.text(1...2048), count: 0...100)),
        Field(
            "allowed_methods",
            .array(
                .oneOf(["GET", "POST", "HEAD", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]), count: 0...9)),
        Field("allowed_headers", .array(.text(1...128), count: 0...100)),
        Field("allow_credentials", .bool), Field("max_age", .integer(-1...86_400)),
    ]

    private static let oauth: [Field] = [
        Field(
            "oauth_configuration",
            .object([
                Field("enabled", .bool, default: true),
                Field(
                    "dynamic_client_registration",
                    .object([
                        Field("enabled", .bool, default: true), Field("allow_any_on_localhost", .bool, default: true),
                        Field("allow_any_on_loopback", .bool, default: true),
                        Field("allowed_uris", .array(allowedURI, count: 0...100), default: []),
                    ]),
                    default: [
                        "enabled": true, "allow_any_on_localhost": true, "allow_any_on_loopback": true,
                        "allowed_uris": [],
                    ]),
                Field(
                    "grant",
                    .object([
                        Field("access_token_lifetime", .accessTokenLifetime, default: "15m"),
                        Field("session_duration", .sessionDuration),
                    ]), default: ["access_token_lifetime": "15m"]),
            ]))
    ]

    private static let allowedURI = Shape.checked(
        RedirectURI.isPattern, "a redirect URI, or an http(s) one that ends in /*; no credentials and no fragment")

    private static let launcher: [Field] = [
        Field("bg_color", .color), Field("header_bg_color", .color), Field("app_launcher_logo_url", .optionalURL),
        Field(
            "footer_links",
            .array(
                .object([Field("name", .text(1...255), .required), Field("url", .url, .required)]), count: 0...20),
            default: []),
        Field(
            "landing_page_design",
            .object([
                Field("button_color", .color), Field("button_text_color", .color), Field("image_url", .optionalURL),
                Field("message", .text(0...512)), Field("title", .text(0...255)),
            ])),
        Field("skip_app_launcher_login_page", .bool, default: false),
    ]

    /// A bookmark leads anywhere: a URL, or a host with an optional path.
    private static let bookmarkPlace = Shape.rewritten("a URL, or a host with an optional path") { text in
        text.isSecureURL ? text : PublicDestination(text)?.text
    }
}

/// One item of `destinations`.
enum ApplicationDestination {
    static let shape = Shape.custom(
        { value, pointer, problems in
            guard let object = value.objectValue else {
                problems.append(FieldProblem(pointer, "must be an object"))
                return .null
            }
            let kind = object["type"].flatMap { $0.isNull ? nil : $0 } ?? "public"
            guard let fields = kind.stringValue.flatMap({ tables[$0] }) else {
                problems.append(
                    FieldProblem("\(pointer)/type", "must be one of public, private, via_mcp_server_portal"))
                return .null
            }
            let result = fields.normalize(object, at: pointer, &problems)
            if kind == "private", (result["cidr"] == nil) == (result["hostname"] == nil) {
                problems.append(FieldProblem(pointer, "needs either cidr or hostname"))
            }
            return .object(result)
        }, "a public or private destination, or a server behind an MCP portal")

    private static let tables: [String: [Field]] = [
        "public": [
            Field("type", .oneOf(["public"]), default: "public"), Field("uri", .destination, .required),
            Field(
                "overrides",
                .array(
                    .object([
                        Field("path_pattern", .text(1...2048), .required),
                        Field("behavior", .oneOf(["public"]), .required),
                    ]), count: 0...100)),
        ],
        "private": [
            Field("type", .oneOf(["private"]), .required),
            Field("cidr", .rewritten("an IPv4 or IPv6 address or CIDR") { CIDR($0)?.description }),
            Field("hostname", .rewritten("a host name") { $0.lowercased().isHostName ? $0.lowercased() : nil }),
            Field("port_range", .checked(isPortRange, "a port such as 22 or a range such as 8000-8099")),
            Field("l4_protocol", .oneOf(["tcp", "udp"])), Field("vnet_id", .text(1...64)),
        ],
        "via_mcp_server_portal": [
            Field("type", .oneOf(["via_mcp_server_portal"]), .required),
            Field("mcp_server_id", .text(1...64), .required),
        ],
    ]

    private static let isPortRange: @Sendable (String) -> Bool = { text in
        let ports = text.split(separator: "-", omittingEmptySubsequences: false)
        let numbers = ports.compactMap { $0.utf8.first == UInt8(ascii: "+") ? nil : UInt16($0) }
        guard let first = numbers.first, let last = numbers.last else { return false }
        return numbers.count == ports.count && numbers.count <= 2 && first > 0 && first <= last
    }
}

extension String {
    /// A token of RFC 9110 §5.6.2.
    var isFieldName: Bool {
        !isEmpty
            && utf8.allSatisfy { byte in
                byte.isLowercaseLDH || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || "!#$%&'*+.^_`|~".utf8.contains(byte)
            }
    }
}
