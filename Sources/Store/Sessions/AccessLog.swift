package import Domain
package import Primitives
package import SQLite

extension AccessLogRow: Stored {
    package static let columns: SQL = """
        id, at, action, allowed, app_id, app_domain, app_type, connection, idp_id, country, ip, ray, user_email, user_id,
        policy_id, reason, purpose, client_id, client_name
        """

    package init(_ row: borrowing Row) throws(SQLiteError) {
        guard let action = AccessRequest.Action(rawValue: try row.text(2)) else { throw row.malformed(2) }
        var request = AccessRequest(
            action, isAllowed: try row.bool(3), address: try row.text(10), ray: try row.text(11))
        let (domain, type) = (try row.text(5), try row.text(6))
        request.application = row.optionalBlob(4).map { LoggedApplication(id: $0, domain: domain, type: type) }
        request.connection = try row.text(7)
        request.provider = try row.optionalIdentifier(8)
        request.country = try row.text(9)
        request.email = try row.text(12)
        request.user = try row.optionalIdentifier(13)
        request.policy = try row.optionalIdentifier(14)
        request.reason = try row.text(15)
        request.purpose = try row.text(16)
        request.clientID = try row.text(17)
        request.clientName = try row.text(18)
        self.init(id: try row.identifier(0), at: try row.timestamp(1), request: request)
    }
}

extension Reading {
    /// A page of the log of logins in order of time. Its length grows with the log: for background readers.
    package func accessLog(_ query: AccessLogQuery, _ page: PageRequest) throws(Failure) -> Page<AccessLogRow> {
        let condition = query.condition
        let total = try count(
            "SELECT count(*) FROM access_requests WHERE \(condition.sql)", bindings: condition.bindings)
        let order: SQL = query.isDescending ? "at DESC, id DESC" : "at, id"
        let rows = try all(
            AccessLogRow.self,
            """
            SELECT \(AccessLogRow.columns) FROM access_requests WHERE \(condition.sql)
             ORDER BY \(order) LIMIT ? OFFSET ?
            """, bindings: condition.bindings + [page.perPage, page.offset])
        return Page(items: rows, total: total)
    }

    /// The latest refusals of a person, by address: whoever was refused before anybody knew them is no user.
    package func failedLogins(
        ofEmail email: String, in account: AccountID, atMost limit: Int
    ) throws(Failure) -> [AccessLogRow] {
        try all(
            AccessLogRow.self,
            """
            SELECT \(AccessLogRow.columns) FROM access_requests
             WHERE account_id = ? AND lower(user_email) = lower(?) AND allowed = 0 AND action = 'login'
             ORDER BY at DESC, id DESC LIMIT ?
            """, account, email, limit)
    }

    /// Who was let in through an identity provider or connection since `start`.
    package func users(
        signedInThrough provider: IdentityProviderID, in account: AccountID, since start: Timestamp
    ) throws(Failure) -> [AccessUserID] {
        try values(
            """
            SELECT DISTINCT user_id FROM access_requests
             WHERE idp_id = ? AND at >= ? AND allowed = 1 AND user_id IS NOT NULL AND account_id = ?
            """, provider, start, account
        ) { (row) throws(SQLiteError) in try row.identifier(0) }
    }
}

extension WriteTransaction {
    /// Removes the oldest rows. Their ids begin with the time, so that the primary key finds them.
    package func removeAccessLogRows(before end: Timestamp, atMost limit: Int) throws(Failure) -> Int {
        try execute(
            """
            DELETE FROM access_requests WHERE id IN
                (SELECT id FROM access_requests WHERE id < ? ORDER BY id LIMIT ?)
            """, AccessRequestID.first(at: end), limit)
    }
}

extension AccessLogQuery {
    fileprivate var condition: Condition {
        var all = [Condition(sql: "account_id = ?", bindings: [account])]
        if let since { all.append(Condition(sql: "at >= ?", bindings: [since])) }
        if let until { all.append(Condition(sql: "at <= ?", bindings: [until])) }
        all += conditions.map { $0.isNegated ? $0.test.condition.negated : $0.test.condition }
        return .all(of: all)
    }
}

extension AccessLogCondition.Test {
    fileprivate var condition: Condition {
        switch self {
        case .email(let email): Condition(sql: "lower(user_email) = lower(?)", bindings: [email])
        case .emailContaining(let part):
            Condition(sql: "user_email LIKE ? ESCAPE '\\'", bindings: [LikePattern.containing(part)])
        case .isAllowed(let isAllowed): Condition(sql: "allowed = ?", bindings: [isAllowed])
        case .application(let id):
            ApplicationID(uuid: id).map { Condition(sql: "app_id = ?", bindings: [$0]) } ?? .never
        case .applicationType(let type): Condition(sql: "app_type = ?", bindings: [type])
        case .country(let code): Condition(sql: "country = upper(?)", bindings: [code])
        case .identityProvider(let text):
            IdentityProviderID(uuid: text).map { Condition(sql: "idp_id = ?", bindings: [$0]) }
                ?? Condition(sql: "connection = ?", bindings: [text])
        case .isNonIdentity(let isMachine):
            Condition(sql: isMachine ? "action = 'service_auth'" : "action <> 'service_auth'", bindings: [])
        case .ray(let ray): Condition(sql: "ray = ?", bindings: [ray])
        case .user(let id): AccessUserID(uuid: id).map { Condition(sql: "user_id = ?", bindings: [$0]) } ?? .never
        }
    }
}
