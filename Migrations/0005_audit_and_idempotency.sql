-- The audit log, a hash chain over the whole server, and the answers kept for repeated requests.

CREATE TABLE audit_log (
    -- Position in the chain, without gaps.
    position        INTEGER NOT NULL PRIMARY KEY,
    id              BLOB    NOT NULL CHECK (length(id) = 16),
    at              INTEGER NOT NULL,
    account_id      BLOB,
    account_name    TEXT,
    organization_id BLOB,
    action_type     TEXT    NOT NULL CHECK (action_type IN ('create', 'update', 'delete', 'view')),
    action_result   TEXT    NOT NULL CHECK (action_result IN ('success', 'failure')),
    description     TEXT    NOT NULL,
    actor_type      TEXT    NOT NULL,
    actor_id        BLOB,
    actor_email     TEXT,
    actor_context   TEXT    NOT NULL,
    actor_ip        TEXT    NOT NULL,
    actor_token_id  BLOB,
    actor_token_name TEXT,
    -- Set when the token belongs to an account.
    actor_token_account_id BLOB,
    method          TEXT    NOT NULL,
    uri             TEXT    NOT NULL,
    status          INTEGER NOT NULL,
    user_agent      TEXT    NOT NULL,
    ray             TEXT    NOT NULL,
    resource_type   TEXT    NOT NULL,
    resource_id     TEXT    NOT NULL,
    product         TEXT    NOT NULL,
    request         TEXT,
    response        TEXT,
    -- SHA-256 over the row before and all columns above, length-prefixed.
    hash            BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;
-- Every write of the server adds a row, so there are only as many indexes as there are logs. With the resource in them, the
-- history of one thing is read without the rows of the others; an id begins with the time of its row.
CREATE INDEX audit_log_by_account ON audit_log (account_id, at, position, resource_id);
CREATE INDEX audit_log_by_organization ON audit_log (organization_id, at, position, resource_id);

-- The end of the chain, and its beginning once old rows have been removed: a missing last row shows here.
CREATE TABLE audit_head (
    one           INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    position      INTEGER NOT NULL,
    hash          BLOB    NOT NULL CHECK (length(hash) = 32),
    first_position INTEGER NOT NULL,
    first_previous_hash BLOB NOT NULL CHECK (length(first_previous_hash) = 32)
) STRICT;
INSERT INTO audit_head VALUES (1, 0, zeroblob(32), 1, zeroblob(32));

CREATE TABLE idempotency_keys (
    -- SHA-256 over principal, method, path and key, length-prefixed.
    digest      BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    body_digest BLOB    NOT NULL CHECK (length(body_digest) = 32),
    status      INTEGER NOT NULL,
    etag        TEXT,
    location    TEXT,
    -- The body that was answered, AES-256-GCM under the server's key: it may hold a secret that is shown once.
    sealed_body BLOB    NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
