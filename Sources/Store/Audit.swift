import Crypto
package import Domain
package import Primitives
package import SQLite

extension AuditRow: Stored {
    package static let columns: SQL = """
        position, id, at, account_id, account_name, organization_id, action_type, action_result, description, actor_type,
        actor_id, actor_email, actor_context, actor_ip, actor_token_id, actor_token_name, method, uri, status, user_agent,
        ray, resource_type, resource_id, request, response, actor_token_account_id
        """

    package init(_ row: borrowing Row) throws(SQLiteError) {
        guard let action = AuditEvent.Action(rawValue: try row.text(6)) else { throw row.malformed(6) }
        guard let actorKind = Actor.Kind(rawValue: try row.text(9)) else { throw row.malformed(9) }
        guard let context = Actor.Context(rawValue: try row.text(12)) else { throw row.malformed(12) }
        guard let resource = AuditedResource.Kind(rawValue: try row.text(21)) else { throw row.malformed(21) }
        let tokenID: APITokenID? = try row.optionalIdentifier(14)
        let tokenAccount: AccountID? = try row.optionalIdentifier(25)
        let tokenName = row.optionalText(15) ?? ""
        let token = tokenID.map { Principal.Token(id: $0, name: tokenName, account: tokenAccount) }
        self.init(
            position: try row.int64(0), id: try row.identifier(1), at: try row.timestamp(2),
            accountName: row.optionalText(4),
            event: AuditEvent(
                action, AuditedResource(resource, try row.text(22)), account: try row.optionalIdentifier(3),
                organization: try row.optionalIdentifier(5), description: try row.text(8),
                request: row.optionalJSON(23),
                response: row.optionalJSON(24)),
            isSuccess: try row.text(7) == "success", status: try row.int(18),
            request: AuditedRequest(
                actor: Actor(
                    kind: actorKind, id: try row.optionalIdentifier(10), email: row.optionalText(11), context: context,
                    token: token),
                method: try row.text(16), uri: try row.text(17), userAgent: try row.text(19), address: try row.text(13),
                ray: try row.text(20)))
    }
}

/// Where the next row of the audit chain goes.
struct AuditChainEnd {
    private(set) var position: Int64
    private(set) var hash: [UInt8]
    private var hasMoved = false

    init(_ row: borrowing Row) throws(SQLiteError) {
        position = try row.int64(0)
        hash = try row.blob(1)
    }

    mutating func move(to hash: [UInt8]) {
        position += 1
        self.hash = hash
        hasMoved = true
    }

    /// Once a transaction, in the transaction of the rows themselves.
    func store(in connection: Connection) throws(SQLiteError) {
        guard hasMoved else { return }
        try connection.execute("UPDATE audit_head SET position = ?, hash = ?", position, hash)
    }
}

extension WriteTransaction {
    /// Appends one row to the chain, in the transaction of what it speaks of.
    ///
    /// - Parameter status: the HTTP status that was answered.
    @discardableResult
    package func append(
        _ event: AuditEvent, isSuccess: Bool, status: Int, of request: AuditedRequest, at now: Timestamp
    ) throws(Failure) -> AuditEventID {
        var end = try chainEnd
        let account = try event.account.flatMap { (id) throws(Failure) in try facts(of: id) }
        let row = AuditRow(
            position: end.position + 1, id: AuditEventID(at: now), at: now, accountName: account?.name,
            event: AuditEvent(
                event.action, event.resource, account: event.account,
                organization: event.organization ?? account?.organization, description: event.description,
                request: event.request, response: event.response),
            isSuccess: isSuccess, status: status, request: request)
        let hash = SHA256.hash(row.canonicalBytes(after: end.hash)).bytes
        try insert(row, hash: hash)
        end.move(to: hash)
        memory.chain = end
        return row.id
    }

    private var chainEnd: AuditChainEnd {
        get throws(Failure) {
            if let end = memory.chain { return end }
            let end = try value("SELECT position, hash FROM audit_head") { (row) throws(SQLiteError) in
                try AuditChainEnd(row)
            }
            guard let end else { throw .inconsistent("the audit chain has no head") }
            return end
        }
    }

    private func insert(_ row: AuditRow, hash: [UInt8]) throws(Failure) {
        let (event, request, actor) = (row.event, row.request, row.request.actor)
        try execute(
            AuditQueries.insert,
            row.position, row.id, row.at, event.account, row.accountName, event.organization, event.action.rawValue,
            row.isSuccess ? "success" : "failure", event.description, actor.kind.rawValue, actor.id, actor.email,
            actor.context.rawValue, request.address, actor.token?.id, actor.token?.name, request.method, request.uri,
            row.status, request.userAgent, request.ray, event.resource.kind.rawValue, event.resource.id, event.request,
            event.response, actor.token?.account, event.resource.kind.product, hash)
    }
}

private enum AuditQueries {
    static let insert: SQL = """
        INSERT INTO audit_log (\(AuditRow.columns), product, hash)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
}

/// What a walk over the audit chain found.
package struct AuditIntegrity: Sendable, Equatable {
    package let rows: Int
    package let headHash: [UInt8]
    /// The first row that does not follow from the row before it.
    package let firstBroken: AuditEventID?
    /// False as well when rows are missing at the end, where no row is left to name.
    package let isIntact: Bool
}

extension Reading {
    /// Walks the whole chain and recomputes every hash. Linear in the log: for background readers.
    package func auditIntegrity() throws(Failure) -> AuditIntegrity {
        let head = try value(
            "SELECT position, hash, first_position, first_previous_hash FROM audit_head"
        ) { (row) throws(SQLiteError) in
            (position: try row.int64(0), hash: try row.blob(1), first: try row.int64(2), anchor: try row.blob(3))
        }
        guard let head else { throw .inconsistent("the audit chain has no head") }
        var previous = head.anchor
        var expected = head.first
        var rows = 0
        var broken: AuditEventID?
        do throws(SQLiteError) {
            try connection.forEach("SELECT \(AuditRow.columns), hash FROM audit_log ORDER BY position") {
                (row) throws(SQLiteError) in
                rows += 1
                guard broken == nil else { return }
                // A row that cannot be read at all was changed as surely as one whose hash differs.
                guard let entry = try? AuditRow(row), entry.position == expected,
                    SHA256.hash(entry.canonicalBytes(after: previous)).bytes == (try row.blob(26))
                else {
                    broken = try row.identifier(1)
                    return
                }
                previous = try row.blob(26)
                expected += 1
            }
        } catch { throw Failure(error) }
        return AuditIntegrity(
            rows: rows, headHash: head.hash, firstBroken: broken,
            isIntact: broken == nil && previous == head.hash && expected == head.position + 1)
    }
}

extension Optional {
    /// `flatMap` for transformations that fail with a type.
    func flatMap<Other, E: Error>(_ transform: (Wrapped) throws(E) -> Other?) throws(E) -> Other? {
        switch self {
        case .some(let value): try transform(value)
        case .none: nil
        }
    }
}
