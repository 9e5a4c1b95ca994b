-- SaaS applications that sign people in with OpenID Connect: authorizations under way and what came of them. Codes and
-- tokens are stored as SHA-256 only. Deleting a grant ends everything that it produced.

-- One authorization of one person at one application, from its code to its last refresh token.
CREATE TABLE oidc_grants (
    id             BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account_id     BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    application_id BLOB    NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    -- The client as it was then: an application that became another client has no use for old tokens.
    client_id      BLOB    NOT NULL CHECK (length(client_id) = 32),
    user_id        BLOB    NOT NULL REFERENCES access_users (id) ON DELETE CASCADE,
    -- The identity provider or connection of the login, and the account at the far end of a bridge.
    idp_id         BLOB    NOT NULL,
    source_account_id BLOB,
    -- Lowercase.
    email          TEXT    NOT NULL,
    -- No foreign key: a grant outlives the browser's session.
    session_nonce  TEXT    NOT NULL CHECK (length(session_nonce) = 16),
    -- What policies are judged with at each refresh.
    identity       TEXT    NOT NULL,
    ip             TEXT    NOT NULL,
    country        TEXT    NOT NULL DEFAULT '',
    -- The policy that admitted.
    policy_id      BLOB    NOT NULL,
    issuer         TEXT    NOT NULL,
    -- Separated by spaces.
    scope          TEXT    NOT NULL,
    nonce          TEXT,
    -- SHA-256 of the code; absent where none was asked for.
    code_digest    BLOB    CHECK (length(code_digest) = 32),
    redirect_uri   TEXT    NOT NULL,
    -- `code_challenge` (RFC 7636, S256).
    challenge      TEXT,
    code_expires_at INTEGER NOT NULL,
    -- Set by the redemption. The row stays, so that a second one is recognised.
    code_spent_at  INTEGER,
    created_at     INTEGER NOT NULL,
    -- The end of the last token that may come of it.
    expires_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX oidc_grants_by_code ON oidc_grants (code_digest) WHERE code_digest IS NOT NULL;
CREATE INDEX oidc_grants_by_account ON oidc_grants (account_id, email);
CREATE INDEX oidc_grants_by_application ON oidc_grants (application_id);
CREATE INDEX oidc_grants_by_user ON oidc_grants (user_id);
CREATE INDEX oidc_grants_by_idp ON oidc_grants (idp_id);
CREATE INDEX oidc_grants_by_source ON oidc_grants (source_account_id, email) WHERE source_account_id IS NOT NULL;
CREATE INDEX oidc_grants_by_session ON oidc_grants (session_nonce);
CREATE INDEX oidc_grants_by_expiry ON oidc_grants (expires_at);

CREATE TABLE oidc_access_tokens (
    digest     BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    grant_id   BLOB    NOT NULL REFERENCES oidc_grants (id) ON DELETE CASCADE,
    -- A token whose key no longer verifies is over.
    kid        BLOB    NOT NULL,
    -- What it may read of its grant's scope.
    scope      TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX oidc_access_tokens_by_grant ON oidc_access_tokens (grant_id);
CREATE INDEX oidc_access_tokens_by_expiry ON oidc_access_tokens (expires_at);

-- All refresh tokens of a grant, so that one that was exchanged is recognised when it comes again.
CREATE TABLE oidc_refresh_tokens (
    digest     BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    grant_id   BLOB    NOT NULL REFERENCES oidc_grants (id) ON DELETE CASCADE,
    retired_at INTEGER
) STRICT, WITHOUT ROWID;
-- At most one refresh token of a grant is live.
CREATE UNIQUE INDEX oidc_refresh_tokens_live ON oidc_refresh_tokens (grant_id) WHERE retired_at IS NULL;
CREATE INDEX oidc_refresh_tokens_by_grant ON oidc_refresh_tokens (grant_id);
