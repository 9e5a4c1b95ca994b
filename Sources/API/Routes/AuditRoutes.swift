import ControlPlane
import Domain
import HTTP
import JSON
import Primitives
import Store
import Wire

/// The audit log (contract 20 §23).
enum AuditRoutes: RouteGroup {
    static let account = "/accounts/{account_id}/logs/audit"
    static let organization = "/organizations/{organization_id}/logs/audit"

    static let table: [Route] = [
        Route(
            .get, account, "listAccountAuditLogs", .account(.accountSettingsRead), .auditLog, .watched(listOfAccount)),
        Route(
            .get, account + "/product_categories", "listAuditLogProductCategories", .account(.accountSettingsRead),
            .auditLog, .read(productCategories)),
        Route(
            .get, account + "/{audit_id}/history", "listAccountAuditLogHistory", .account(.accountSettingsRead),
            .auditLog,
            .watched { (call) throws(Failure) in try history(call, in: .account(call.account)) }),
        Route(
            .get, organization, "listOrganizationAuditLogs", .organization(.organizationRead), .auditLog,
            .watched(listOfOrganization)),
        Route(
            .get, organization + "/integrity", "getAuditLogIntegrity", .organization(.organizationRead), .auditLog,
            .survey(integrity)),
        Route(
            .get, organization + "/{audit_id}/history", "listOrganizationAuditLogHistory",
            .organization(.organizationRead), .auditLog,
            .watched { (call) throws(Failure) in
                try history(call, in: .organization(call.organization, includingAccounts: false))
            }),
    ]

    @Sendable static func listOfAccount(_ call: ReadCall) throws(Failure) -> Reply {
        try list(call, in: .account(call.account), filteredBy: AuditCondition.Field.allCases)
    }

    @Sendable static func listOfOrganization(_ call: ReadCall) throws(Failure) -> Reply {
        let isWide = try call.query.bool("include_accounts") ?? false
        return try list(
            call, in: .organization(call.organization, includingAccounts: isWide),
            filteredBy: AuditCondition.Field.allCases.filter { !$0.isOfAccounts })
    }

    private static func list(
        _ call: ReadCall, in scope: AuditScope, filteredBy fields: [AuditCondition.Field]
    ) throws(Failure) -> Reply {
        var conditions: [AuditCondition] = []
        for field in fields {
            conditions += call.query.conditions(field.rawValue).map {
                AuditCondition(field, $0.values, isNegated: $0.isNegated)
            }
        }
        for (values, isNegated) in call.query.conditions("product_category") {
            var products: [String] = []
            for name in values {
                guard let category = ProductCategory(rawValue: name) else {
                    throw call.query.invalid(
                        "product_category",
                        "must be one of \(ProductCategory.allCases.map(\.rawValue).joined(separator: ", "))")
                }
                products += category.products.map(\.value)
            }
            conditions.append(AuditCondition(.resourceProduct, products, isNegated: isNegated))
        }
        return try page(call, in: scope, conditions)
    }

    /// All rows of the resource that one row is about.
    private static func history(_ call: ReadCall, in scope: AuditScope) throws(Failure) -> Reply {
        _ = try call.query.required("action_time")
        guard let row = try call.reader.auditRow(call.path.uuid("audit_id"), in: scope) else {
            let code: ErrorCode = if case .account = scope { .accountNotFound } else { .organizationNotFound }
            throw .refused(code, "audit row not found")
        }
        return try page(
            call, in: scope,
            [
                AuditCondition(.resourceID, [row.event.resource.id], isNegated: false),
                AuditCondition(.resourceType, [row.event.resource.kind.rawValue], isNegated: false),
            ])
    }

    private static let filterNames = AuditCondition.Field.allCases.map(\.rawValue) + ["product_category"]

    private static func page(
        _ call: ReadCall, in scope: AuditScope, _ conditions: [AuditCondition]
    ) throws(Failure) -> Reply {
        let query = AuditQuery(
            scope: scope, since: try call.query.required("since"), before: try call.query.required("before"),
            isDescending: try call.query.isDescending(default: true), conditions: conditions)
        let names =
            filterNames + filterNames.map { "\($0).not" } + ["since", "before", "direction", "include_accounts"]
        let cursor = try Cursor.request(
            call.call, filters: "audit \(scope) \(call.path.last ?? "") \(call.query.fingerprint(of: names))")
        let after = cursor.position.map { position in
            AuditPosition(
                at: Timestamp(microseconds: position.number), position: Int64(position.text) ?? 0)
        }
        let rows = try call.reader.auditRows(query, after: after, limit: cursor.limit + 1)
        return cursor.reply(call.call, rows) {
            PagePosition(number: $0.at.microseconds, text: "\($0.position)")
        } _: {
            $0.write(to: &$1)
        }
    }

    @Sendable static func productCategories(_ call: ReadCall) throws(Failure) -> Reply {
        .all(ProductCategory.allCases) { $0.write(to: &$1) }
    }

    @Sendable static func integrity(_ call: ReadCall) throws(Failure) -> Reply {
        let integrity = try call.reader.auditIntegrity()
        return .found { writer in
            writer.beginObject()
            writer.member("rows", integrity.rows)
            writer.member("head_hash", Hex.encode(integrity.headHash))
            writer.member("first_broken_id", uuid: integrity.firstBroken)
            writer.member("intact", integrity.isIntact)
            writer.endObject()
        }
    }
}

extension QueryReader {
    /// The values of a filter and, separately, of its `.not`; nothing for what is not given.
    fileprivate func conditions(_ name: String) -> [(values: [String], isNegated: Bool)] {
        [(texts(name), false), (texts("\(name).not"), true)].filter { !$0.0.isEmpty }
    }

    fileprivate func required(_ name: String) throws(Failure) -> Timestamp {
        guard let instant = try instant(name) else { throw invalid(name, "is required: an RFC 3339 time or a date") }
        return instant
    }
}
