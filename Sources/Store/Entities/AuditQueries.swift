package import Domain
package import Primitives
import SQLite

/// The last row of a page of the audit log.
package struct AuditPosition: Sendable, Equatable {
    package let at: Timestamp
    package let position: Int64

    package init(at: Timestamp, position: Int64) {
        self.at = at
        self.position = position
    }
}

extension Reading {
    /// Rows of a log in order of time, at most `limit` of them.
    package func auditRows(
        _ query: AuditQuery, after: AuditPosition?, limit: Int
    ) throws(Failure) -> [AuditRow] {
        var conditions = [
            query.scope.condition, Condition(sql: "at >= ? AND at < ?", bindings: [query.since, query.before]),
        ]
        if let after {
            conditions.append(
                Condition(
                    sql: query.isDescending ? "(at, position) < (?, ?)" : "(at, position) > (?, ?)",
                    bindings: [after.at, after.position]))
        }
        conditions += query.conditions.map(\.condition)
        let condition = Condition.all(of: conditions)
        let order: SQL = query.isDescending ? "at DESC, position DESC" : "at, position"
        return try all(
            AuditRow.self,
            "SELECT \(AuditRow.columns) FROM audit_log WHERE \(condition.sql) ORDER BY \(order) LIMIT ?",
            bindings: condition.bindings + [limit])
    }

    /// The row with this id, if it is part of the log.
    package func auditRow(_ id: AuditEventID, in scope: AuditScope) throws(Failure) -> AuditRow? {
        let condition = Condition.all(of: [scope.condition, .isOne(of: [id])])
        return try all(
            AuditRow.self, "SELECT \(AuditRow.columns) FROM audit_log WHERE \(condition.sql)",
            bindings: condition.bindings
        ).first
    }
}

extension AuditScope {
    fileprivate var condition: Condition {
        switch self {
        case .account(let id): Condition(sql: "account_id = ?", bindings: [id])
        case .organization(let id, includingAccounts: false):
            Condition(sql: "organization_id = ? AND account_id IS NULL", bindings: [id])
        case .organization(let id, includingAccounts: true):
            Condition(
                sql: """
                    organization_id IN (SELECT organization_id FROM organization_ancestors WHERE ancestor_id = ?)
                    AND (organization_id = ? OR account_id IS NOT NULL)
                    """, bindings: [id, id])
        }
    }
}

extension Condition {
    /// Rows with these ids. An id begins with the millisecond of its row, by which the index of the log finds it.
    fileprivate static func isOne(of ids: [AuditEventID]) -> Condition {
        guard let first = ids.min(), let last = ids.max() else { return .never }
        return Condition(
            sql: "(at BETWEEN ? AND ? AND id IN (\(.placeholders(ids.count))))",
            bindings: [
                Timestamp(microseconds: first.milliseconds * 1000),
                Timestamp(microseconds: last.milliseconds * 1000 + 999),
            ] + ids)
    }
}

extension AuditCondition {
    fileprivate var condition: Condition {
        let values = field.bindings(of: values)
        let isOne: Condition =
            if field == .id || field == .auditLogID {
                .isOne(of: self.values.compactMap { AuditEventID(uuid: $0) })
            } else if let column = field.column, !values.isEmpty {
                Condition(sql: "\(column) IN (\(.placeholders(values.count)))", bindings: values)
            } else {
                .never
            }
        return isNegated ? isOne.negated : isOne
    }
}

extension AuditCondition.Field {
    /// `nil` for what no row has, and for identities, which are looked for by their time.
    fileprivate var column: SQL? {
        switch self {
        case .accountName: "account_name"
        case .actionResult: "action_result"
        case .actionType: "action_type"
        case .actorContext: "actor_context"
        case .actorEmail: "lower(actor_email)"
        case .actorID: "actor_id"
        case .actorAddress: "actor_ip"
        case .actorTokenID: "actor_token_id"
        case .actorTokenName: "actor_token_name"
        case .actorType: "actor_type"
        case .ray: "ray"
        case .method: "method"
        case .statusCode: "status"
        case .uri: "uri"
        case .resourceID: "resource_id"
        case .resourceProduct: "product"
        case .resourceScope:
            """
            CASE WHEN account_id IS NOT NULL THEN 'accounts' WHEN organization_id IS NOT NULL THEN 'organizations'
                 ELSE 'user' END
            """
        case .resourceType: "resource_type"
        case .id, .auditLogID, .zoneID, .zoneName: nil
        }
    }

    /// In the form that the column has; a value that cannot be in it is left out, for no row has it.
    fileprivate func bindings(of values: [String]) -> [any Bindable] {
        switch self {
        case .actorID: values.compactMap { UserID(hex: $0) }
        case .actorTokenID: values.compactMap { APITokenID(hex: $0) }
        case .statusCode: values.compactMap { Int64($0) }
        case .actorEmail: values.map { $0.asciiLowercased }
        default: values
        }
    }
}

extension String {
    /// As SQLite's `lower` sees it.
    fileprivate var asciiLowercased: String {
        String(
            decoding: utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
