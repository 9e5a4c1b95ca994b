-- People who sign in: logins under way, sessions, the tokens of applications, and the log of who was let in.
--
-- What a browser holds is never stored: tables keep SHA-256 of it. A session or token whose row is gone is over at once,
-- whatever its signature says.

-- Browsers on their way to an identity provider and back.
CREATE TABLE login_attempts (
    -- SHA-256 of `state`.
    state_digest   BLOB    NOT NULL PRIMARY KEY CHECK (length(state_digest) = 32),
    account_id     BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- The identity provider or connection that was chosen.
    idp_id         BLOB    NOT NULL,
    -- SHA-256 of the cookie CF_Session: whoever comes back must be who went.
    browser_digest BLOB    NOT NULL CHECK (length(browser_digest) = 32),
    -- Nonce, PKCE verifier and destination as JSON, AES-256-GCM under the server's key.
    sealed_context BLOB    NOT NULL,
    expires_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX login_attempts_by_expiry ON login_attempts (expires_at);
CREATE INDEX login_attempts_by_account ON login_attempts (account_id);

-- Single-use things that were used, until they would have expired anyway.
CREATE TABLE spent_digests (
    digest     BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_digests_by_expiry ON spent_digests (expires_at);

-- Identities on their way from a source account to a recipient (contract 30 §5).
CREATE TABLE bridge_codes (
    digest        BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    connection_id BLOB    NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    -- `code_challenge` of the recipient (RFC 7636).
    challenge     TEXT    NOT NULL,
    identity      TEXT    NOT NULL,
    expires_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX bridge_codes_by_expiry ON bridge_codes (expires_at);
CREATE INDEX bridge_codes_by_connection ON bridge_codes (connection_id);

-- One-time PINs: one row each time a mail was asked for, whether or not one was sent. Kept for an hour, so that what one
-- address, browser or client asks for can be counted.
CREATE TABLE one_time_pins (
    id             INTEGER PRIMARY KEY,
    account_id     BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- SHA-256 of `state`, which stays the name of the attempt until the PIN is entered.
    state_digest   BLOB    NOT NULL CHECK (length(state_digest) = 32),
    -- Lowercase.
    email          TEXT    NOT NULL,
    -- Six digits could be guessed from a plain digest: an authenticator under the server's key.
    code_digest    BLOB    NOT NULL,
    tries          INTEGER NOT NULL DEFAULT 0,
    -- SHA-256 of the cookie CF_Device.
    device_digest  BLOB    NOT NULL CHECK (length(device_digest) = 32),
    ip             TEXT    NOT NULL,
    was_sent       INTEGER NOT NULL CHECK (was_sent IN (0, 1)),
    sent_at        INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX one_time_pins_by_state ON one_time_pins (state_digest, id);
CREATE INDEX one_time_pins_by_email ON one_time_pins (account_id, email, sent_at);
CREATE INDEX one_time_pins_by_device ON one_time_pins (device_digest, sent_at);
CREATE INDEX one_time_pins_by_ip ON one_time_pins (ip, sent_at);
CREATE INDEX one_time_pins_by_age ON one_time_pins (sent_at);

-- A person's session with a team.
CREATE TABLE sessions (
    -- `identity_nonce` of tokens.
    nonce        TEXT    NOT NULL PRIMARY KEY CHECK (length(nonce) = 16),
    account_id   BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    user_id      BLOB    NOT NULL REFERENCES access_users (id) ON DELETE CASCADE,
    -- The identity provider or connection of the login.
    idp_id       BLOB    NOT NULL,
    -- For a login over a bridge: the account at its far end.
    source_account_id BLOB,
    -- Lowercase.
    email        TEXT    NOT NULL,
    identity     TEXT    NOT NULL,
    ip           TEXT    NOT NULL,
    country      TEXT    NOT NULL DEFAULT '',
    -- SHA-256 of the team's token.
    token_digest BLOB    NOT NULL CHECK (length(token_digest) = 32),
    kid          BLOB    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX sessions_by_token ON sessions (token_digest);
CREATE INDEX sessions_by_user ON sessions (user_id, created_at);
CREATE INDEX sessions_by_account ON sessions (account_id, email);
CREATE INDEX sessions_by_idp ON sessions (idp_id);
CREATE INDEX sessions_by_source ON sessions (source_account_id, email) WHERE source_account_id IS NOT NULL;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Tokens that applications' cookies hold.
CREATE TABLE application_tokens (
    digest         BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    application_id BLOB    NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    -- One of the two: a person's session, or a service token.
    session_nonce  TEXT    REFERENCES sessions (nonce) ON DELETE CASCADE,
    service_token_id BLOB  REFERENCES service_tokens (id) ON DELETE CASCADE,
    kid            BLOB    NOT NULL,
    -- The policy that admitted.
    policy_id      BLOB    NOT NULL,
    -- SHA-256 of CF_Binding where the application asks for that cookie.
    binding_digest BLOB,
    -- 1 for a session of no length: used until it expires, never renewed without a login.
    is_momentary   INTEGER NOT NULL DEFAULT 0,
    created_at     INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    CHECK ((session_nonce IS NULL) <> (service_token_id IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX application_tokens_by_application ON application_tokens (application_id);
CREATE INDEX application_tokens_by_session ON application_tokens (session_nonce) WHERE session_nonce IS NOT NULL;
CREATE INDEX application_tokens_by_service ON application_tokens (service_token_id) WHERE service_token_id IS NOT NULL;
CREATE INDEX application_tokens_by_expiry ON application_tokens (expires_at);

-- Admissions on their way from the team's host to the application's.
CREATE TABLE handovers (
    -- SHA-256 of the one-time `nonce`.
    digest         BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    application_id BLOB    NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    session_nonce  TEXT    NOT NULL REFERENCES sessions (nonce) ON DELETE CASCADE,
    policy_id      BLOB    NOT NULL,
    -- SHA-256 of CF_AppSession of the browser that asked.
    browser_digest BLOB    NOT NULL CHECK (length(browser_digest) = 32),
    expires_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX handovers_by_application ON handovers (application_id);
CREATE INDEX handovers_by_session ON handovers (session_nonce);
CREATE INDEX handovers_by_expiry ON handovers (expires_at);

-- Who came last, as policies saw them: what policy tests and questions about access are answered from.
CREATE TABLE last_identities (
    user_id    BLOB    NOT NULL PRIMARY KEY REFERENCES access_users (id) ON DELETE CASCADE,
    account_id BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    document   TEXT    NOT NULL,
    -- Of the session that began then.
    nonce      TEXT    NOT NULL DEFAULT '',
    ip         TEXT    NOT NULL DEFAULT '',
    country    TEXT    NOT NULL DEFAULT '',
    at         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX last_identities_by_account ON last_identities (account_id);

-- People whose sessions were ended may not come back at once.
CREATE TABLE user_revocations (
    account_id BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- Lowercase.
    email      TEXT    NOT NULL,
    until      INTEGER NOT NULL,
    PRIMARY KEY (account_id, email)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_revocations_by_end ON user_revocations (until);

-- Logins that wait until others confirm them (`approval_required`).
CREATE TABLE approval_requests (
    id             BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account_id     BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    application_id BLOB    NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    policy_id      BLOB    NOT NULL,
    user_id        BLOB    NOT NULL REFERENCES access_users (id) ON DELETE CASCADE,
    -- Lowercase.
    email          TEXT    NOT NULL,
    purpose        TEXT    NOT NULL DEFAULT '',
    state          TEXT    NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'granted', 'refused')),
    created_at     INTEGER NOT NULL,
    -- One hour after it was made, and one hour after it was decided.
    expires_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX approval_requests_by_account ON approval_requests (account_id, state, created_at);
CREATE INDEX approval_requests_by_user ON approval_requests (user_id, application_id);
CREATE INDEX approval_requests_by_application ON approval_requests (application_id);
CREATE INDEX approval_requests_by_expiry ON approval_requests (expires_at);

-- Who has confirmed.
CREATE TABLE approvals (
    request_id     BLOB    NOT NULL REFERENCES approval_requests (id) ON DELETE CASCADE,
    -- Lowercase.
    email          TEXT    NOT NULL,
    at             INTEGER NOT NULL,
    PRIMARY KEY (request_id, email)
) STRICT, WITHOUT ROWID;

-- The log of logins, logouts and refusals (contract 20 §19).
CREATE TABLE access_requests (
    id             BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account_id     BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    at             INTEGER NOT NULL,
    action         TEXT    NOT NULL,
    allowed        INTEGER NOT NULL CHECK (allowed IN (0, 1)),
    -- No foreign keys: the log outlives what it names.
    app_id         BLOB,
    app_domain     TEXT    NOT NULL DEFAULT '',
    app_type       TEXT    NOT NULL DEFAULT '',
    -- The type of the identity provider, or empty.
    connection     TEXT    NOT NULL DEFAULT '',
    idp_id         BLOB,
    country        TEXT    NOT NULL DEFAULT '',
    ip             TEXT    NOT NULL,
    ray            TEXT    NOT NULL,
    user_email     TEXT    NOT NULL DEFAULT '',
    user_id        BLOB,
    policy_id      BLOB,
    -- Why it was refused, or what was special about it.
    reason         TEXT    NOT NULL DEFAULT '',
    purpose        TEXT    NOT NULL DEFAULT '',
    -- The service token or OAuth client, where one acted.
    client_id      TEXT    NOT NULL DEFAULT '',
    client_name    TEXT    NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX access_requests_by_account ON access_requests (account_id, at, id);
-- Rows of one person, those in which nobody was known yet included.
CREATE INDEX access_requests_by_email ON access_requests (account_id, lower(user_email), at);
-- Who signed in through an identity provider or connection lately.
CREATE INDEX access_requests_by_idp ON access_requests (idp_id, at, user_id)
    WHERE idp_id IS NOT NULL AND allowed = 1 AND user_id IS NOT NULL;

-- Team names that are free again.
CREATE INDEX retired_teams_by_end ON retired_teams (until);

-- Accounts whose keys are to rotate: each has one key whose end is not set, the newest.
CREATE INDEX signing_keys_by_activation ON signing_keys (active_from) WHERE verifies_until IS NULL;
-- Service tokens that nobody uses, and the accounts that want to be rid of them. Whoever changes one still wants it.
CREATE INDEX service_tokens_by_use ON service_tokens (account_id, max(coalesce(last_seen_at, 0), updated_at))
    WHERE enabled = 1;
CREATE INDEX zero_trust_organizations_retiring_tokens ON zero_trust_organizations (account_id)
    WHERE instr(document, '"service_token_inactivity":{') > 0;

-- Hosts with a wildcard are few, and compared one by one.
CREATE INDEX destinations_with_wildcards ON application_destinations (host) WHERE instr(host, '*') > 0;

-- Accounts that do not deny all requests to hosts without an application are few. The text decides nothing: it finds the
-- documents that are read.
CREATE INDEX teams_that_open ON zero_trust_organizations (account_id)
    WHERE instr(document, '"deny_unmatched_requests":false') > 0
       OR instr(document, '"deny_unmatched_requests_exempted_zone_names":["') > 0;
