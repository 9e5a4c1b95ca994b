-- What-if runs of policies over everybody who has an account's user: kept a week.

CREATE TABLE policy_tests (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account_id  BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    total_users INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    -- Absent while it runs, and for good when the server went down meanwhile.
    finished_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX policy_tests_by_account ON policy_tests (account_id, created_at);
CREATE INDEX policy_tests_by_age ON policy_tests (created_at);

-- What the policies say to one user.
CREATE TABLE policy_test_results (
    test_id BLOB NOT NULL REFERENCES policy_tests (id) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES access_users (id) ON DELETE CASCADE,
    status  TEXT NOT NULL CHECK (status IN ('approved', 'blocked', 'error')),
    PRIMARY KEY (test_id, status, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX policy_test_results_by_user ON policy_test_results (user_id);
