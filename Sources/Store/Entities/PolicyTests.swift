package import Domain
package import Primitives
package import SQLite

extension PolicyTest: Stored {
    package static let columns: SQL = """
        id, total_users,
        (SELECT count(*) FROM policy_test_results WHERE test_id = policy_tests.id AND status = 'approved'),
        (SELECT count(*) FROM policy_test_results WHERE test_id = policy_tests.id AND status = 'blocked'),
        (SELECT count(*) FROM policy_test_results WHERE test_id = policy_tests.id AND status = 'error'),
        created_at, finished_at
        """

    package init(_ row: borrowing Row) throws(SQLiteError) {
        self.init(
            id: try row.identifier(0), totalUsers: try row.int(1), approved: try row.int(2), blocked: try row.int(3),
            errored: try row.int(4), createdAt: try row.timestamp(5), finishedAt: row.optionalTimestamp(6))
    }
}

extension PolicyTestResult: Stored {
    package static let columns: SQL = "access_users.id, access_users.email, access_users.name, result.status"

    package init(_ row: borrowing Row) throws(SQLiteError) {
        guard let status = Status(rawValue: try row.text(3)) else { throw row.malformed(3) }
        self.init(user: try row.identifier(0), email: try row.text(1), name: try row.text(2), status: status)
    }
}

/// Somebody whom policies can be tried on.
package struct TestSubject: Sendable, Stored {
    package let user: AccessUserID
    package let email: String
    package let createdAt: Timestamp
    /// The identity with which they came last; absent before the first time.
    package let identity: JSONText?

    package static let columns: SQL = """
        access_users.id, access_users.email, access_users.created_at, last_identities.document
        """

    package init(_ row: borrowing Row) throws(SQLiteError) {
        user = try row.identifier(0)
        email = try row.text(1)
        createdAt = try row.timestamp(2)
        identity = row.optionalJSON(3)
    }
}

extension Reading {
    package func policyTest(_ id: PolicyTestID, in account: AccountID) throws(Failure) -> PolicyTest? {
        try first(
            PolicyTest.self, "SELECT \(PolicyTest.columns) FROM policy_tests WHERE id = ? AND account_id = ?", id,
            account)
    }

    /// Results by user, without those of users who are gone.
    package func results(
        of test: PolicyTestID, _ status: PolicyTestResult.Status?, _ page: PageRequest
    ) throws(Failure) -> Page<PolicyTestResult> {
        var filter: SQL = "result.test_id = ?"
        var bindings: [any Bindable] = [test]
        if let status {
            filter = "\(filter) AND result.status = ?"
            bindings.append(status.rawValue)
        }
        let total = try count("SELECT count(*) FROM policy_test_results AS result WHERE \(filter)", bindings: bindings)
        let items = try all(
            PolicyTestResult.self,
            """
            SELECT \(PolicyTestResult.columns)
              FROM policy_test_results AS result CROSS JOIN access_users ON access_users.id = result.user_id
             WHERE \(filter) ORDER BY result.user_id LIMIT ? OFFSET ?
            """, bindings: bindings + [page.perPage, page.offset])
        return Page(items: items, total: total)
    }

    /// Users of an account with the identities with which they came last, in the order in which they were created.
    ///
    /// - Parameter last: the one before the first of them; `nil` to begin.
    package func testSubjects(
        of account: AccountID, after last: TestSubject?, atMost limit: Int
    ) throws(Failure) -> [TestSubject] {
        try all(
            TestSubject.self,
            """
            SELECT \(TestSubject.columns)
              FROM access_users LEFT JOIN last_identities ON last_identities.user_id = access_users.id
             WHERE access_users.account_id = ? AND (access_users.created_at, access_users.id) > (?, ?)
             ORDER BY access_users.created_at, access_users.id LIMIT ?
            """, account, last?.createdAt ?? Timestamp(microseconds: .min), last?.user ?? AccessUserID(high: 0, low: 0),
            limit)
    }

    /// The rules of every group of an account.
    package func groupRules(of account: AccountID) throws(Failure) -> [GroupRules] {
        try all(GroupRules.self, "SELECT \(GroupRules.columns) FROM groups WHERE account_id = ?", account)
    }
}

extension WriteTransaction {
    /// - Throws: 12132 while the account has as many tests as it may.
    package func insertPolicyTest(
        _ id: PolicyTestID, in account: AccountID, at now: Timestamp
    ) throws(Failure) {
        guard
            try count("SELECT count(*) FROM policy_tests WHERE account_id = ?", account) < PolicyTest.maxPerAccount
        else {
            throw .refused(
                .accessConflict,
                "the account has \(PolicyTest.maxPerAccount) policy tests, which is the limit for a week")
        }
        try execute(
            """
            INSERT INTO policy_tests (id, account_id, total_users, created_at)
            VALUES (?1, ?2, (SELECT count(*) FROM access_users WHERE account_id = ?2), ?3)
            """, id, account, now)
    }

    /// Adds results of users who still exist. A test that is gone takes none.
    package func insert(
        _ results: [(user: AccessUserID, status: PolicyTestResult.Status)], of test: PolicyTestID
    ) throws(Failure) {
        for result in results {
            try execute(
                """
                INSERT INTO policy_test_results (test_id, user_id, status)
                SELECT policy_tests.id, access_users.id, ? FROM policy_tests, access_users
                 WHERE policy_tests.id = ? AND access_users.id = ?
                """, result.status.rawValue, test, result.user)
        }
    }

    package func finishPolicyTest(_ id: PolicyTestID, at now: Timestamp) throws(Failure) {
        try execute("UPDATE policy_tests SET finished_at = ? WHERE id = ?", now, id)
    }

    package func forgetPolicyTests(before end: Timestamp, atMost limit: Int) throws(Failure) -> Int {
        try execute(
            """
            DELETE FROM policy_tests WHERE id IN
                (SELECT id FROM policy_tests WHERE created_at < ? ORDER BY created_at LIMIT ?)
            """, end, limit)
    }
}
