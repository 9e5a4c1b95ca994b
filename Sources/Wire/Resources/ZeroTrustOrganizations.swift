package import Domain
package import JSON
import Primitives

/// The Zero Trust organization on the wire (contract 20 §4).
extension ZeroTrustOrganizationDraft {
    package static let fields: [Field] = [
        Field("auth_domain", .text(1...253), .required),
        Field("name", .name, .required),
        Field("session_duration", .duration(.seconds(900) ... .seconds(730 * 3600), or: []), default: "24h"),
        Field("auto_redirect_to_identity", .bool, default: false),
        Field("login_design", .object(designFields), default: [:]),
        Field("custom_pages", .object(pageFields)),
        Field("strict_service_token_auth", .bool, default: true),
        Field("service_token_inactivity", .object(inactivityFields)),
        Field(
            "user_seat_expiration_inactive_time", .duration(.seconds(730 * 3600) ... .seconds(87_600 * 3600), or: [])),
        Field("is_ui_read_only", .bool, default: false),
        Field("ui_read_only_toggle_reason", .text(0...512)),
        Field("deny_unmatched_requests", .bool, default: true),
        Field("deny_unmatched_requests_exempted_zone_names", .array(.text(1...253), count: 0...1000), default: []),
        Field("allow_authenticate_via_warp", .bool, default: false),
        Field("warp_auth_session_duration", .duration(.zero ... .seconds(87_600 * 3600), or: [])),
        Field("mfa_config", .freeObject),
        Field("mfa_piv_key_requirements", .freeObject),
        Field("mfa_required_for_all_apps", .bool, default: false),
        Field("amr_matching_session_duration", .factorDuration),
    ]

    private static let designFields: [Field] = [
        Field("background_color", .color), Field("text_color", .color), Field("logo_path", .optionalURL),
        Field("header_text", .text(0...512)), Field("footer_text", .text(0...512)),
    ]

    private static let pageFields: [Field] = [Field("forbidden", .uuid), Field("identity_denied", .uuid)]

    private static let inactivityFields: [Field] = [
        Field("enabled", .bool, .required), Field("inactivity_threshold_days", .integer(30...365), .required),
        Field("action", .oneOf(["disable", "delete"]), .required),
    ]

    /// - Parameter accessDomain: the suffix of team domains on this server.
    package init(_ value: JSONValue, accessDomain: String) throws(Refusal) {
        var problems: [FieldProblem] = []
        let body = Body(value, as: Self.fields, &problems)
        let team = body.text("auth_domain").flatMap { Self.team(of: $0, accessDomain) }
        if team == nil, body.text("auth_domain") != nil {
            problems.append(
                FieldProblem(
                    "/auth_domain",
                    "must be <team>.\(accessDomain) with a team of 1 to 63 letters, digits and inner hyphens"))
        }
        try Body.refuse(problems, as: .accessInvalidRequest)
        let pages = Body(normalized: body["custom_pages"]?.objectValue ?? JSONObject())
        self.init(
            team: team ?? "", name: body.text("name", or: ""),
            document: body.document(without: ["auth_domain", "name"]),
            customPages: [CustomPageType.forbidden, .identityDenied].compactMap { type in
                pages.uuid(type.rawValue).map { NamedPage(type: type, id: $0) }
            })
    }

    private static func team(of authDomain: String, _ accessDomain: String) -> String? {
        let host = authDomain.lowercased()
        guard host.hasSuffix(".\(accessDomain)") else { return nil }
        let team = host.dropLast(accessDomain.utf8.count + 1)
        return ZeroTrustOrganization.isTeam(team) ? String(team) : nil
    }
}

extension ZeroTrustOrganization {
    package func authDomain(below accessDomain: String) -> String { "\(team).\(accessDomain)" }

    package func write(to writer: inout JSONWriter, accessDomain: String) {
        writer.beginObject()
        writer.member("auth_domain", authDomain(below: accessDomain))
        writer.member("name", name)
        writer.rawMembers(of: document)
        writer.member("trusted_accounts", raw: .emptyArray)
        writer.member("created_at", time: createdAt)
        writer.member("updated_at", time: updatedAt)
        writer.endObject()
    }

    /// The members that a client may send, as an update finds them.
    ///
    /// - Throws: when the stored document is damaged.
    package func body(accessDomain: String) throws(JSONError) -> JSONValue {
        var object = try JSONParser.parse(document).objectValue ?? JSONObject()
        object["auth_domain"] = .string(authDomain(below: accessDomain))
        object["name"] = .string(name)
        return .object(object)
    }
}
