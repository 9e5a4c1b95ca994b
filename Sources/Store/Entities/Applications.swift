package import Domain
package import Primitives
package import SQLite

extension Application: Stored {
    /// Tags and identity providers live in tables of their own, which others change too; a copy of both beside the
    /// application, see `renewLists(of:)`, lets a read touch one row.
    package static let columns: SQL = """
        id, type, name, domain, aud, document, saas_client_id, saas_document, created_at, updated_at, version, tags,
        allowed_idps, auto_redirect
        """

    package init(_ row: borrowing Row) throws(SQLiteError) {
        guard let type = ApplicationType(rawValue: try row.text(1)) else { throw row.malformed(1) }
        let clientID: SaaSClientID? = try row.optionalLongIdentifier(6)
        self.init(
            id: try row.identifier(0), type: type, name: try row.text(2), domain: row.optionalText(3),
            audience: try row.longIdentifier(4), document: try row.json(5),
            saas: row.optionalJSON(7).map { SaaSClient(clientID: clientID, document: $0) },
            tags: try row.json(11),
            allowedIdPs: try Self.identityProviders(row, 12), isAutoRedirecting: try row.bool(13),
            createdAt: try row.timestamp(8),
            updatedAt: try row.timestamp(9), version: try row.int(10))
    }

    /// Reads hexadecimal identifiers that follow one another without a separator.
    private static func identityProviders(
        _ row: borrowing Row, _ column: Int
    ) throws(SQLiteError) -> [IdentityProviderID] {
        var identifiers: [IdentityProviderID] = []
        let isWhole = row.withTextBytes(column) { text in
            text.withUnsafeBufferPointer { digits in
                for start in stride(from: 0, to: digits.count, by: 32) {
                    let piece = UnsafeBufferPointer(rebasing: digits[start..<min(start + 32, digits.count)])
                    guard let words = Hex.words(piece) else { return false }
                    identifiers.append(IdentityProviderID(high: words.high, low: words.low))
                }
                return true
            }
        }
        guard isWhole else { throw row.malformed(column) }
        return identifiers
    }
}

/// Which applications of an account a list shows.
package struct ApplicationFilter: Sendable {
    package var name: String?
    package var domain: String?
    package var audience: String?
    /// Part of the name, domain or audience.
    package var search: String?
    /// Whether name and domain must be equal instead of contained.
    package var isExact: Bool
    package var type: ApplicationType?

    package init(
        name: String? = nil, domain: String? = nil, audience: String? = nil, search: String? = nil,
        isExact: Bool = false,
        type: ApplicationType? = nil
    ) {
        self.name = name
        self.domain = domain
        self.audience = audience
        self.search = search
        self.isExact = isExact
        self.type = type
    }

    /// Whether it shows everything.
    var isEmpty: Bool { name == nil && domain == nil && audience == nil && search == nil && type == nil }

    /// The condition, and what to bind after the account.
    func sql(_ account: AccountID) -> (condition: SQL, bindings: [any Bindable]) {
        var condition: SQL = "account_id = ?"
        var bindings: [any Bindable] = [account]
        func add(_ column: SQL, _ value: String?) {
            guard let value else { return }
            condition = "\(condition) AND \(column) \(isExact ? "= ?" : "LIKE ? ESCAPE '\\'")"
            bindings.append(isExact ? value : LikePattern.containing(value))
        }
        add("name", name)
        add("domain", domain)
        if let audience {
            condition = "\(condition) AND lower(hex(aud)) = ?"
            bindings.append(audience)
        }
        if let search {
            condition = """
                \(condition) AND (name LIKE ? ESCAPE '\\' OR domain LIKE ? ESCAPE '\\' OR lower(hex(aud)) LIKE ? ESCAPE '\\')
                """
            bindings += Array(repeating: LikePattern.containing(search), count: 3)
        }
        if let type {
            condition = "\(condition) AND type = ?"
            bindings.append(type.rawValue)
        }
        return (condition, bindings)
    }
}

/// A page of applications with their policies: the answer of a list in two queries, whatever its length.
package struct ApplicationPage: Sendable {
    package let applications: Page<Application>
    /// In the order of the applications, then by precedence.
    package let policies: [AttachedPolicy]
}

extension Reading {
    package func application(_ key: ApplicationKey, in account: AccountID) throws(Failure) -> Application? {
        switch key {
        case .id(let id): try first(Application.self, ApplicationQueries.byID, id, account)
        case .audience(let audience):
            try first(
                Application.self, ApplicationQueries.byAudience, audience.firstIdentifier, audience.lastIdentifier,
                audience, account)
        }
    }

    package func applications(
        of account: AccountID, _ filter: ApplicationFilter, _ page: PageRequest
    ) throws(Failure) -> ApplicationPage {
        guard !filter.isEmpty else { return try applications(of: account, page) }
        let (condition, bindings) = filter.sql(account)
        let items = try all(
            Application.self, ApplicationQueries.page(condition), bindings: bindings + [page.perPage, page.offset])
        let policies =
            items.isEmpty
            ? []
            : try all(
                AttachedPolicy.self, ApplicationQueries.policiesOfPage(condition),
                bindings: bindings + [page.perPage, page.offset])
        // A first page that is not full is the whole list.
        let isWhole = page.offset == 0 && items.count < page.perPage
        let total =
            isWhole
            ? items.count : try count("SELECT count(*) FROM applications WHERE \(condition)", bindings: bindings)
        return ApplicationPage(applications: Page(items: items, total: total), policies: policies)
    }

    /// The same for the usual list, which shows everything.
    private func applications(of account: AccountID, _ page: PageRequest) throws(Failure) -> ApplicationPage {
        let items = try all(Application.self, ApplicationQueries.wholePage, account, page.perPage, page.offset)
        let policies =
            items.isEmpty
            ? []
            : try all(AttachedPolicy.self, ApplicationQueries.policiesOfWholePage, account, page.perPage, page.offset)
        let isWhole = page.offset == 0 && items.count < page.perPage
        let total = isWhole ? items.count : try count(ApplicationQueries.count, account)
        return ApplicationPage(applications: Page(items: items, total: total), policies: policies)
    }

    /// The application of the server that has this public destination.
    package func owner(of destination: PublicDestination) throws(Failure) -> ApplicationID? {
        try value(
            "SELECT application_id FROM application_destinations WHERE host = ? AND path = ?", destination.host,
            destination.path
        ) { (row) throws(SQLiteError) in try row.identifier(0) }
    }

    /// The App Launcher of an account; there is one at most.
    package func appLauncher(of account: AccountID) throws(Failure) -> ApplicationID? {
        try value("SELECT id FROM applications WHERE account_id = ? AND type = 'app_launcher'", account) {
            (row) throws(SQLiteError) in try row.identifier(0)
        }
    }

    /// Whether an application of any account has this id.
    package func hasApplication(_ id: ApplicationID) throws(Failure) -> Bool {
        try exists("SELECT 1 FROM applications WHERE id = ?", id)
    }
}

private enum ApplicationQueries {
    static let wholePage = page("account_id = ?")
    static let policiesOfWholePage = policiesOfPage("account_id = ?")
    static let count: SQL = "SELECT count(*) FROM applications WHERE account_id = ?"

    static func page(_ condition: SQL) -> SQL {
        "SELECT \(Application.columns) FROM applications WHERE \(condition) ORDER BY created_at, id LIMIT ? OFFSET ?"
    }

    static func policiesOfPage(_ condition: SQL) -> SQL {
        """
        SELECT \(AttachedPolicy.columns)
          FROM (SELECT id, created_at FROM applications WHERE \(condition)
                 ORDER BY created_at, id LIMIT ? OFFSET ?) AS page
         CROSS JOIN application_policies AS link ON link.application_id = page.id
         CROSS JOIN policies ON policies.id = link.policy_id
         ORDER BY page.created_at, page.id, link.precedence
        """
    }

    static let byID: SQL = "SELECT \(Application.columns) FROM applications WHERE id = ? AND account_id = ?"
    static let byAudience: SQL = """
        SELECT \(Application.columns) FROM applications WHERE id BETWEEN ? AND ? AND aud = ? AND account_id = ?
        """
}

/// The columns of an application that a write fills.
package struct ApplicationRow: Sendable {
    package var id: ApplicationID
    package var type: ApplicationType
    package var name: String
    package var domain: String?
    package var document: JSONText
    package var isAutoRedirecting: Bool
    package var saasDocument: JSONText?

    package init(
        id: ApplicationID, type: ApplicationType, name: String, domain: String?, document: JSONText,
        isAutoRedirecting: Bool, saasDocument: JSONText?
    ) {
        self.id = id
        self.type = type
        self.name = name
        self.domain = domain
        self.document = document
        self.isAutoRedirecting = isAutoRedirecting
        self.saasDocument = saasDocument
    }
}

extension WriteTransaction {
    /// Whether an account has fewer than `limit` applications. Counts only where what the writer remembers of earlier
    /// insertions does not tell.
    package func hasRoomForApplication(_ limit: Int, in account: AccountID) throws(Failure) -> Bool {
        if let most = memory.mostApplications(of: account), most < limit { return true }
        let count = try count(ApplicationQueries.count, account)
        memory.count(applications: count, of: account)
        return count < limit
    }

    package func insert(
        _ row: ApplicationRow, audience: Audience, in account: AccountID, at now: Timestamp
    ) throws(Failure) {
        try execute(
            """
            INSERT INTO applications (id, account_id, type, name, domain, aud, document, auto_redirect, saas_document,
                                      created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            row.id, account, row.type.rawValue, row.name, row.domain, audience, row.document, row.isAutoRedirecting,
            row.saasDocument, now, now)
        memory.countApplication(of: account)
    }

    package func update(_ row: ApplicationRow, at now: Timestamp) throws(Failure) {
        try execute(
            """
            UPDATE applications
               SET name = ?, domain = ?, document = ?, auto_redirect = ?, saas_document = ?, updated_at = ?,
                   version = version + 1
             WHERE id = ?
            """,
            row.name, row.domain, row.document, row.isAutoRedirecting, row.saasDocument, now, row.id)
    }

    package func setSaaSClient(
        _ clientID: SaaSClientID, secretDigest: [UInt8], of id: ApplicationID
    ) throws(Failure) {
        try execute(
            "UPDATE applications SET saas_client_id = ?, saas_secret_digest = ? WHERE id = ?", clientID, secretDigest,
            id)
    }

    /// Forgets client id and secret, as when an application turns from OIDC to SAML.
    package func removeSaaSClient(of id: ApplicationID) throws(Failure) {
        try execute("UPDATE applications SET saas_client_id = NULL, saas_secret_digest = NULL WHERE id = ?", id)
    }

    package func setDocument(_ document: JSONText, of id: ApplicationID, at now: Timestamp) throws(Failure) {
        try execute(
            "UPDATE applications SET document = ?, updated_at = ?, version = version + 1 WHERE id = ?", document, now,
            id)
    }

    /// Gives the App Launcher of an account the host of its team.
    package func moveAppLauncher(of account: AccountID, to host: String, at now: Timestamp) throws(Failure) {
        try execute(
            """
            UPDATE applications SET domain = ?, updated_at = ?, version = version + 1
             WHERE account_id = ? AND type = 'app_launcher'
            """, host, now, account)
    }

    /// Counts the version up: something that the application's answer shows has changed.
    package func touch(_ id: ApplicationID, at now: Timestamp) throws(Failure) {
        try execute("UPDATE applications SET updated_at = ?, version = version + 1 WHERE id = ?", now, id)
    }

    /// - Parameter isNew: spares looking for what an application had before.
    package func setDestinations(
        _ destinations: [PublicDestination], of id: ApplicationID, isNew: Bool = false
    ) throws(Failure) {
        if !isNew { try execute("DELETE FROM application_destinations WHERE application_id = ?", id) }
        for destination in destinations {
            try execute(
                "INSERT INTO application_destinations (host, path, application_id) VALUES (?, ?, ?)", destination.host,
                destination.path, id)
        }
    }

    package func setAllowedIdPs(
        _ idps: [IdentityProviderID], of id: ApplicationID, isNew: Bool = false
    ) throws(Failure) {
        if isNew, idps.isEmpty { return }
        if !isNew { try execute("DELETE FROM application_idps WHERE application_id = ?", id) }
        for (position, idp) in idps.enumerated() {
            try execute(
                "INSERT INTO application_idps (application_id, idp_id, position) VALUES (?, ?, ?)", id, idp, position)
        }
        try renewLists(of: id)
    }

    package func setTags(
        _ tags: [String], of id: ApplicationID, in account: AccountID, isNew: Bool = false
    ) throws(Failure) {
        if isNew, tags.isEmpty { return }
        if !isNew { try execute("DELETE FROM application_tags WHERE application_id = ?", id) }
        for (position, tag) in tags.enumerated() {
            try execute(
                "INSERT INTO application_tags (application_id, account_id, tag, position) VALUES (?, ?, ?, ?)", id,
                account,
                tag, position)
        }
        try renewLists(of: id)
    }

    /// Copies tags and identity providers to the application's row, where reads look for them.
    package func renewLists(of id: ApplicationID) throws(Failure) {
        try execute(
            """
            UPDATE applications SET
                tags = (SELECT json_group_array(tag) FROM
                    (SELECT tag FROM application_tags WHERE application_id = ?1 ORDER BY position)),
                allowed_idps = coalesce((SELECT group_concat(lower(hex(idp_id)), '') FROM
                    (SELECT idp_id FROM application_idps WHERE application_id = ?1 ORDER BY position)), '')
             WHERE id = ?1
            """, id)
    }

    /// Removes an application with its inline policies and what their rules name.
    package func deleteApplication(_ id: ApplicationID) throws(Failure) {
        try execute(
            "DELETE FROM rule_references WHERE owner_id IN (SELECT id FROM policies WHERE application_id = ?)", id)
        try execute("DELETE FROM applications WHERE id = ?", id)
    }
}
