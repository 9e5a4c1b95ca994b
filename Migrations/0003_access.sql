-- Access: the Zero Trust organization of an account, its identity providers, applications, policies, groups and tokens.

CREATE TABLE zero_trust_organizations (
    account_id BLOB    NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    -- The label before the access domain. Login, issuer and certificates live below it.
    team       TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    document   TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version    INTEGER NOT NULL DEFAULT 1
) STRICT;
-- A team name belongs to one account of the server.
CREATE UNIQUE INDEX zero_trust_organizations_by_team ON zero_trust_organizations (team);

-- Team names given up less than 30 days ago: their hosts answer 410, and nobody else can take them meanwhile.
CREATE TABLE retired_teams (
    team       TEXT    NOT NULL PRIMARY KEY,
    account_id BLOB    NOT NULL,
    until      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE identity_providers (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account_id  BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    type        TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    -- The public part of `config`. Secrets are in `sealed_secret` only.
    config      TEXT    NOT NULL,
    -- AES-256-GCM under the server's key, bound to the row's id.
    sealed_secret BLOB,
    scim_config TEXT    NOT NULL,
    scim_secret_digest BLOB,
    -- What token validation needs, taken out of `config` at write time.
    client_id   TEXT,
    issuer      TEXT,
    -- An issuer learnt from discovery or from the first valid token, kept until `config` changes.
    learnt_issuer TEXT,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    version     INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX identity_providers_by_account ON identity_providers (account_id, created_at, id);
-- An account has one one-time PIN connection at most.
CREATE UNIQUE INDEX one_time_pin_by_account ON identity_providers (account_id) WHERE type = 'onetimepin';

CREATE TABLE applications (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account_id BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    type       TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    domain     TEXT,
    -- 32 bytes, written as 64 hexadecimal digits; never changes while the application lives. Begins with the first half of
    -- the id, by which it is found.
    aud        BLOB    NOT NULL CHECK (length(aud) = 32 AND substr(aud, 1, 8) = substr(id, 1, 8)),
    -- Every member of the resource that has no column or table of its own.
    document   TEXT    NOT NULL,
    auto_redirect INTEGER NOT NULL DEFAULT 0,
    -- SaaS applications: `saas_app` without client id, secret and key.
    saas_document TEXT,
    -- OIDC SaaS applications: 32 bytes of client id, SHA-256 of the secret.
    saas_client_id BLOB,
    saas_secret_digest BLOB,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version    INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX applications_by_account ON applications (account_id, created_at, id);
CREATE UNIQUE INDEX applications_by_saas_client ON applications (saas_client_id) WHERE saas_client_id IS NOT NULL;
-- An account has one App Launcher at most.
CREATE UNIQUE INDEX app_launcher_by_account ON applications (account_id) WHERE type = 'app_launcher';

CREATE TABLE application_destinations (
    host           TEXT NOT NULL,
    path           TEXT NOT NULL,
    application_id BLOB NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    -- A public destination belongs to one application of the server.
    PRIMARY KEY (host, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX destinations_by_application ON application_destinations (application_id);

-- `allowed_idps` in order. No foreign key: an ended connection stays named where removing it would admit more people.
CREATE TABLE application_idps (
    application_id BLOB    NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    idp_id         BLOB    NOT NULL,
    position       INTEGER NOT NULL,
    PRIMARY KEY (application_id, idp_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX application_idps_by_idp ON application_idps (idp_id);

CREATE TABLE policies (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account_id BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- Set for a policy that belongs to one application, absent for a reusable one.
    application_id BLOB REFERENCES applications (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    decision   TEXT    NOT NULL CHECK (decision IN ('allow', 'deny', 'non_identity', 'bypass')),
    document   TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version    INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX policies_by_account ON policies (account_id, created_at, id);
CREATE INDEX policies_by_application ON policies (application_id);

-- Which policies an application uses, in which order.
CREATE TABLE application_policies (
    application_id BLOB    NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    policy_id      BLOB    NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
    precedence     INTEGER NOT NULL,
    PRIMARY KEY (application_id, policy_id)
) STRICT, WITHOUT ROWID;
-- Precedence is unique within an application.
CREATE UNIQUE INDEX application_policies_by_precedence ON application_policies (application_id, precedence);
CREATE INDEX applications_by_policy ON application_policies (policy_id);

CREATE TABLE groups (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account_id BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    is_default INTEGER NOT NULL DEFAULT 0,
    document   TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version    INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX groups_by_account ON groups (account_id, created_at, id);

-- What the rules of a policy or group name: the answer to "who uses this group, token or identity provider?".
-- `target_id` is empty for selectors without one, such as `everyone`.
CREATE TABLE rule_references (
    owner_id   BLOB NOT NULL,
    list       TEXT NOT NULL CHECK (list IN ('include', 'exclude', 'require')),
    position   INTEGER NOT NULL,
    selector   TEXT NOT NULL,
    target_id  BLOB NOT NULL DEFAULT x'',
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    owner_kind TEXT NOT NULL CHECK (owner_kind IN ('policy', 'group')),
    PRIMARY KEY (owner_id, list, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX rule_references_by_target ON rule_references (target_id, selector);
CREATE INDEX rule_references_by_account ON rule_references (account_id, selector);

CREATE TABLE tags (
    account_id BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version    INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (account_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE application_tags (
    application_id BLOB NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    account_id     BLOB NOT NULL,
    tag            TEXT NOT NULL,
    position       INTEGER NOT NULL,
    PRIMARY KEY (application_id, tag),
    FOREIGN KEY (account_id, tag) REFERENCES tags (account_id, name) ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX applications_by_tag ON application_tags (account_id, tag);

CREATE TABLE custom_pages (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account_id  BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name        TEXT    NOT NULL,
    type        TEXT    NOT NULL CHECK (type IN ('identity_denied', 'forbidden', 'login', 'interstitial')),
    custom_html TEXT    NOT NULL,
    contract_version INTEGER NOT NULL DEFAULT 1,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    version     INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX custom_pages_by_account ON custom_pages (account_id, created_at, id);

CREATE TABLE service_tokens (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account_id BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    -- 16 bytes, written as 32 hexadecimal digits and `.access`.
    client_id  BLOB    NOT NULL CHECK (length(client_id) = 16),
    -- SHA-256 of the secret, and of the one before it while its grace lasts.
    secret_digest BLOB NOT NULL CHECK (length(secret_digest) = 32),
    secret_version INTEGER NOT NULL DEFAULT 1,
    previous_digest BLOB,
    previous_expires_at INTEGER,
    duration   TEXT    NOT NULL,
    enabled    INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    -- Absent for `forever`.
    expires_at INTEGER,
    last_seen_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version    INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX service_tokens_by_account ON service_tokens (account_id, created_at, id);
CREATE UNIQUE INDEX service_tokens_by_client ON service_tokens (client_id);

CREATE TABLE signing_keys (
    -- SHA-256 of the public key's SPKI.
    kid         BLOB    NOT NULL PRIMARY KEY CHECK (length(kid) = 32),
    account_id  BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- PKCS #8, AES-256-GCM under the server's key.
    sealed_key  BLOB    NOT NULL,
    public_der  BLOB    NOT NULL,
    created_at  INTEGER NOT NULL,
    -- Signs from here on.
    active_from INTEGER NOT NULL,
    -- Set by the rotation that replaced it; it verifies until then.
    verifies_until INTEGER
) STRICT;
CREATE INDEX signing_keys_by_account ON signing_keys (account_id, active_from);

CREATE TABLE access_users (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account_id BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    email      TEXT    NOT NULL,
    name       TEXT    NOT NULL DEFAULT '',
    seat_id    BLOB    NOT NULL CHECK (length(seat_id) = 16),
    access_seat INTEGER NOT NULL DEFAULT 0,
    gateway_seat INTEGER NOT NULL DEFAULT 0,
    last_successful_login INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version    INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX access_users_by_account ON access_users (account_id, created_at, id);
-- An address is one user of an account.
CREATE UNIQUE INDEX access_users_by_email ON access_users (account_id, lower(email));
CREATE UNIQUE INDEX access_users_by_seat ON access_users (seat_id);
