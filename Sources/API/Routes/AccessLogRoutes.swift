import Domain
import HTTP
import Primitives
import Store
import Wire

/// The log of logins (contract 20 §19).
enum AccessLogRoutes: RouteGroup {
    static let base = "/accounts/{account_id}/access/logs"

    static let table: [Route] = [
        Route(
            .get, base + "/access_requests", "listAccessRequests", .access(.accessAuditLogsRead), .accessLog,
            .watched(list)),
        Route(
            .get, base + "/scim/updates", "listSCIMUpdates", .access(.accessAuditLogsRead), .accessLog,
            .read(updates)),
    ]

    @Sendable static func list(_ call: ReadCall) throws(Failure) -> Reply {
        var query = AccessLogQuery(account: call.account)
        query.since = try call.query.instant("since")
        query.until = try call.query.instant("until")
        query.isDescending = try call.query.isDescending(default: true)
        query.conditions = try call.query.accessLogConditions()
        let fields = try call.query.accessLogFields()
        // `limit` is the size of a page whose client names none, and never exceeded where it names one.
        let limit = try call.query.integer("limit", in: 1...1000)
        let asked = try call.query.page(default: limit ?? 25)
        let page = PageRequest(page: asked.page, perPage: min(asked.perPage, limit ?? 1000))
        return .list(try call.reader.accessLog(query, page), page) { $0.write(fields, to: &$1) }
    }

    /// Nothing is provisioned over SCIM here, so nothing is logged.
    @Sendable static func updates(_ call: ReadCall) throws(Failure) -> Reply {
        .list(Page<AccessLogRow>(items: [], total: 0), try call.query.page()) { $0.write(to: &$1) }
    }
}

extension QueryReader {
    fileprivate func accessLogFields() throws(Failure) -> [AccessLogField] {
        guard let text = text("fields") else { return AccessLogField.allCases }
        var fields: Set<AccessLogField> = []
        for name in text.split(separator: ",") {
            guard let field = AccessLogField(rawValue: String(name)) else {
                let all = AccessLogField.allCases.map(\.rawValue).joined(separator: ", ")
                throw invalid("fields", "must be a comma-separated list of \(all)")
            }
            fields.insert(field)
        }
        return AccessLogField.allCases.filter { fields.contains($0) }
    }

    fileprivate func accessLogConditions() throws(Failure) -> [AccessLogCondition] {
        // Refused where they are wrong, also without the value that they would apply to.
        for name in ["allowed", "non_identity", "app_uid", "app_type", "country_code", "idp", "ray_id"] {
            _ = try oneOf("\(name)Op", ["eq", "neq"])
        }
        _ = try oneOf("emailOp", ["eq", "neq", "contains"])
        _ = try bool("email_exact")
        var all: [AccessLogCondition] = []
        if let email = text("email") { all.append(try emailCondition(email)) }
        if let allowed = try bool("allowed") { all.append(try condition("allowed", .isAllowed(allowed))) }
        if let machine = try bool("non_identity") { all.append(try condition("non_identity", .isNonIdentity(machine))) }
        if let id = text("app_uid") { all.append(try condition("app_uid", .application(id))) }
        if let type = text("app_type") { all.append(try condition("app_type", .applicationType(type))) }
        if let code = text("country_code") { all.append(try condition("country_code", .country(code))) }
        if let provider = text("idp") { all.append(try condition("idp", .identityProvider(provider))) }
        if let ray = text("ray_id") { all.append(try condition("ray_id", .ray(ray))) }
        return all
    }

    private func condition(_ name: String, _ test: AccessLogCondition.Test) throws(Failure) -> AccessLogCondition {
        AccessLogCondition(test, isNegated: try oneOf("\(name)Op", ["eq", "neq"]) == "neq")
    }

    /// A part of the address, unless `emailOp=eq` or `email_exact=true` asks for all of it; `neq` turns either round.
    private func emailCondition(_ email: String) throws(Failure) -> AccessLogCondition {
        let operation = try oneOf("emailOp", ["eq", "neq", "contains"])
        let isExact = try bool("email_exact") ?? (operation == "eq")
        return AccessLogCondition(
            isExact || operation == "eq" ? .email(email) : .emailContaining(email), isNegated: operation == "neq")
    }
}
