-- Managed OAuth: clients that act for people, what people allowed them, and the tokens that came of it (contract 50).
--
-- Codes, tokens and secrets are never stored: tables keep SHA-256 of them.

-- Clients that registered themselves, and those whose id is the URL of a document that describes them.
CREATE TABLE oauth_clients (
    id             BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    -- Absent for a client that registered for the control plane's API: it belongs to the server.
    account_id     BLOB    REFERENCES accounts (id) ON DELETE CASCADE,
    -- Set for a client that registered on the host of an application: it is that application's alone.
    application_id BLOB    REFERENCES applications (id) ON DELETE CASCADE,
    client_id      TEXT    NOT NULL,
    kind           TEXT    NOT NULL CHECK (kind IN ('dcr', 'metadata_document')),
    name           TEXT    NOT NULL,
    auth_method    TEXT    NOT NULL CHECK (auth_method IN ('none', 'client_secret_basic', 'client_secret_post')),
    secret_digest  BLOB    CHECK (length(secret_digest) = 32),
    -- A JSON array.
    redirect_uris  TEXT    NOT NULL,
    may_refresh    INTEGER NOT NULL CHECK (may_refresh IN (0, 1)),
    -- What else the client said of itself; nobody acts on it.
    document       TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    last_used_at   INTEGER,
    -- A day for a client that nobody uses, else 90 days after the end of its last grant.
    expires_at     INTEGER NOT NULL,
    CHECK ((auth_method = 'none') = (secret_digest IS NULL)),
    CHECK (account_id IS NOT NULL OR (application_id IS NULL AND kind = 'dcr'))
) STRICT;
CREATE UNIQUE INDEX oauth_clients_by_client_id ON oauth_clients (account_id, client_id);
CREATE UNIQUE INDEX oauth_clients_of_the_server ON oauth_clients (client_id) WHERE account_id IS NULL;
CREATE INDEX oauth_clients_by_application ON oauth_clients (application_id) WHERE application_id IS NOT NULL;
CREATE INDEX oauth_clients_by_expiry ON oauth_clients (expires_at);

-- What a person allowed a client at an application, or at the control plane's API: consent, one family of refresh tokens,
-- and access tokens.
CREATE TABLE oauth_grants (
    id                BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    -- Where the person signed in.
    account_id        BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- Absent for the control plane's API.
    application_id    BLOB    REFERENCES applications (id) ON DELETE CASCADE,
    client_id         BLOB    NOT NULL REFERENCES oauth_clients (id) ON DELETE CASCADE,
    user_id           BLOB    NOT NULL REFERENCES access_users (id) ON DELETE CASCADE,
    -- The login that it rests on: its identity provider or connection, the account at the far end of a bridge, and the
    -- identity that policies are judged with from then on.
    idp_id            BLOB    NOT NULL,
    source_account_id BLOB,
    -- Lowercase.
    email             TEXT    NOT NULL,
    identity          TEXT    NOT NULL,
    session_nonce     TEXT    NOT NULL,
    country           TEXT    NOT NULL DEFAULT '',
    -- The policy that admitted at consent; the API has none.
    policy_id         BLOB,
    issuer            TEXT    NOT NULL,
    -- SHA-256 of the client's redirect URIs at consent: a client with others has to ask again.
    redirects_digest  BLOB    NOT NULL CHECK (length(redirects_digest) = 32),
    -- 1 where sessions have no length: one short access token, never renewed.
    is_momentary      INTEGER NOT NULL DEFAULT 0,
    created_at        INTEGER NOT NULL,
    -- When the code was redeemed. Until then nothing has been granted to anybody.
    redeemed_at       INTEGER,
    refreshed_at      INTEGER,
    expires_at        INTEGER NOT NULL,
    CHECK ((application_id IS NULL) = (policy_id IS NULL))
) STRICT;
CREATE INDEX oauth_grants_by_application ON oauth_grants (application_id, client_id);
CREATE INDEX oauth_grants_by_client ON oauth_grants (client_id);
CREATE INDEX oauth_grants_by_user ON oauth_grants (user_id, created_at);
CREATE INDEX oauth_grants_by_account ON oauth_grants (account_id);
CREATE INDEX oauth_grants_by_idp ON oauth_grants (idp_id);
CREATE INDEX oauth_grants_by_source ON oauth_grants (source_account_id, email) WHERE source_account_id IS NOT NULL;
CREATE INDEX oauth_grants_by_expiry ON oauth_grants (expires_at);
CREATE INDEX oauth_grants_not_redeemed ON oauth_grants (created_at) WHERE redeemed_at IS NULL;

-- A grant rests on a login, and ends with the identity provider or connection of that login, whoever ends it.
CREATE TRIGGER oauth_grants_end_with_connection AFTER DELETE ON connections BEGIN
    DELETE FROM oauth_grants WHERE idp_id = old.id;
END;
CREATE TRIGGER oauth_grants_end_with_idp AFTER DELETE ON identity_providers BEGIN
    DELETE FROM oauth_grants WHERE idp_id = old.id;
END;

-- Authorization codes. A spent one is remembered as long as what came of it, so that a second use is noticed.
CREATE TABLE oauth_codes (
    digest       BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    grant_id     BLOB    NOT NULL REFERENCES oauth_grants (id) ON DELETE CASCADE,
    redirect_uri TEXT    NOT NULL,
    challenge    TEXT    NOT NULL,
    -- As the client spelled it.
    resource     TEXT    NOT NULL,
    spent_at     INTEGER,
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX oauth_codes_by_grant ON oauth_codes (grant_id);

CREATE TABLE oauth_access_tokens (
    digest     BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    grant_id   BLOB    NOT NULL REFERENCES oauth_grants (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX oauth_access_tokens_by_grant ON oauth_access_tokens (grant_id);
CREATE INDEX oauth_access_tokens_by_expiry ON oauth_access_tokens (expires_at);

CREATE TABLE oauth_refresh_tokens (
    digest     BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    grant_id   BLOB    NOT NULL REFERENCES oauth_grants (id) ON DELETE CASCADE,
    -- Its place in the family, from 0.
    position   INTEGER NOT NULL,
    retired_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX oauth_refresh_tokens_by_grant ON oauth_refresh_tokens (grant_id, position);
-- At most one refresh token of a grant is live.
CREATE UNIQUE INDEX oauth_refresh_tokens_live ON oauth_refresh_tokens (grant_id) WHERE retired_at IS NULL;
