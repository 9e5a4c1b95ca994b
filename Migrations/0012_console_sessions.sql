-- People who are signed in to the admin console. The cookie is never stored: the key is its SHA-256. What a session may do
-- is worked out from its credential at every request, so it ends with that credential.
CREATE TABLE console_sessions (
    digest       BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    -- One of the two: an API token, with the SHA-256 of the value that was shown, or a member with the primary identity
    -- provider that they came in through.
    token_id     BLOB    REFERENCES api_tokens (id) ON DELETE CASCADE,
    token_digest BLOB    CHECK (token_digest IS NULL OR length(token_digest) = 32),
    user_id      BLOB    REFERENCES users (id) ON DELETE CASCADE,
    idp_id       BLOB    REFERENCES identity_providers (id) ON DELETE CASCADE,
    ip           TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    -- Written once a minute at most.
    last_seen_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    CHECK ((token_id IS NULL) = (token_digest IS NULL) AND (user_id IS NULL) = (idp_id IS NULL)
           AND (token_id IS NULL) <> (user_id IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX console_sessions_by_token ON console_sessions (token_id) WHERE token_id IS NOT NULL;
CREATE INDEX console_sessions_by_user ON console_sessions (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX console_sessions_by_idp ON console_sessions (idp_id) WHERE idp_id IS NOT NULL;
CREATE INDEX console_sessions_by_expiry ON console_sessions (expires_at);
