// swift-format-ignore-file
// Written by `embed` from Migrations/. Not to be edited.

/// The migrations this program knows, oldest first.
package enum EmbeddedMigrations {
    package static let all: [Migration] = [
        Migration(
            number: 1, name: "0001_organizations_and_accounts",
            sha256: "c204fa03203dc4fb6569fdaea62272bbccfd7fc91054296ff9811bde98909939",
            sql: #"""
-- The tree of organizations and the accounts in it.
--
-- Conventions of every table: identifiers are 16-byte blobs that sort by creation, instants are microseconds since 1970,
-- `version` counts committed writes of the row and is its ETag, documents are JSON text that only our writer produced.

CREATE TABLE organizations (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    parent_id   BLOB    REFERENCES organizations (id),
    root_id     BLOB    NOT NULL,
    name        TEXT    NOT NULL,
    profile     TEXT,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    version     INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX organizations_by_parent ON organizations (parent_id, created_at, id);
CREATE INDEX organizations_by_root ON organizations (root_id);

-- Every organization with each of its ancestors, itself included at distance 0.
CREATE TABLE organization_ancestors (
    organization_id BLOB    NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    ancestor_id     BLOB    NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    distance        INTEGER NOT NULL CHECK (distance >= 0),
    PRIMARY KEY (organization_id, ancestor_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX organization_descendants ON organization_ancestors (ancestor_id, organization_id, distance);

CREATE TABLE accounts (
    id              BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    organization_id BLOB    REFERENCES organizations (id),
    name            TEXT    NOT NULL,
    type            TEXT    NOT NULL CHECK (type IN ('standard', 'enterprise')),
    abuse_contact_email TEXT,
    enforce_twofactor INTEGER NOT NULL DEFAULT 0,
    key_rotation_interval_days INTEGER NOT NULL DEFAULT 42,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    version         INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX accounts_by_organization ON accounts (organization_id, created_at, id);
CREATE INDEX accounts_by_creation ON accounts (created_at, id);
CREATE INDEX accounts_by_name ON accounts (name, id);

"""#),
        Migration(
            number: 2, name: "0002_principals",
            sha256: "87e2b481304c60c7f4b28981cf1e5ce1fe81294b45916730113bbc4f4428723b",
            sql: #"""
-- Who may call the API: users, their memberships, and API tokens.

CREATE TABLE users (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    email      TEXT    NOT NULL,
    first_name TEXT,
    last_name  TEXT,
    -- 1 for the administrator that an empty database starts with: holds every right on every resource.
    is_root    INTEGER NOT NULL DEFAULT 0 CHECK (is_root IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT;
-- One user an address; addresses compare without regard to ASCII case.
CREATE UNIQUE INDEX users_by_email ON users (lower(email));

CREATE TABLE organization_members (
    id              BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    organization_id BLOB    NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id         BLOB    NOT NULL REFERENCES users (id),
    role            TEXT    NOT NULL CHECK (role IN ('super_administrator', 'reader')),
    status          TEXT    NOT NULL CHECK (status IN ('pending', 'active', 'canceled')),
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    version         INTEGER NOT NULL DEFAULT 1
) STRICT;
-- A user is a member of an organization once.
CREATE UNIQUE INDEX organization_members_by_user ON organization_members (organization_id, user_id);
CREATE INDEX organization_memberships ON organization_members (user_id);

CREATE TABLE account_members (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account_id BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    user_id    BLOB    NOT NULL REFERENCES users (id),
    status     TEXT    NOT NULL CHECK (status IN ('pending', 'accepted', 'rejected')),
    -- JSON array of role names; empty when `policies` is given instead.
    roles      TEXT    NOT NULL DEFAULT '[]',
    -- JSON array of {access, permission_groups, resource_groups} as the API returns it.
    policies   TEXT    NOT NULL DEFAULT '[]',
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version    INTEGER NOT NULL DEFAULT 1
) STRICT;
-- A user is a member of an account once.
CREATE UNIQUE INDEX account_members_by_user ON account_members (account_id, user_id);
CREATE INDEX account_memberships ON account_members (user_id);

-- What a membership or a token grants, one row a permission group: the form that is evaluated.
CREATE TABLE account_member_grants (
    member_id        BLOB NOT NULL REFERENCES account_members (id) ON DELETE CASCADE,
    effect           TEXT NOT NULL CHECK (effect IN ('allow', 'deny')),
    permission_group TEXT NOT NULL,
    PRIMARY KEY (member_id, effect, permission_group)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_tokens (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    -- Set for tokens of an account, absent for tokens of a user.
    account_id    BLOB    REFERENCES accounts (id) ON DELETE CASCADE,
    -- The owner of a user's token; the creator of an account's token where a user made it.
    user_id       BLOB    REFERENCES users (id),
    name          TEXT    NOT NULL,
    status        TEXT    NOT NULL CHECK (status IN ('active', 'disabled')),
    -- SHA-256 of the value. The value itself is shown once and kept nowhere.
    digest        BLOB    NOT NULL CHECK (length(digest) = 32),
    -- JSON array of policies and JSON object of conditions, as the API returns them.
    policies      TEXT    NOT NULL,
    condition     TEXT    NOT NULL DEFAULT '{}',
    creator_email TEXT,
    not_before    INTEGER,
    expires_at    INTEGER,
    last_used_at  INTEGER,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    version       INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX api_tokens_by_digest ON api_tokens (digest);
CREATE INDEX api_tokens_by_account ON api_tokens (account_id, created_at, id);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id, created_at, id);

CREATE TABLE api_token_grants (
    token_id         BLOB NOT NULL REFERENCES api_tokens (id) ON DELETE CASCADE,
    effect           TEXT NOT NULL CHECK (effect IN ('allow', 'deny')),
    permission_group TEXT NOT NULL,
    -- account and organization with an id name one; without, all that the owner may grant.
    scope            TEXT NOT NULL CHECK (scope IN ('account', 'organization', 'user')),
    scope_id         BLOB NOT NULL DEFAULT x'',
    PRIMARY KEY (token_id, effect, permission_group, scope, scope_id)
) STRICT, WITHOUT ROWID;

-- CIDRs of `condition.request_ip`: a token works from inside one `in` and outside every `not_in`.
CREATE TABLE api_token_addresses (
    token_id BLOB    NOT NULL REFERENCES api_tokens (id) ON DELETE CASCADE,
    is_allow INTEGER NOT NULL CHECK (is_allow IN (0, 1)),
    cidr     TEXT    NOT NULL,
    PRIMARY KEY (token_id, is_allow, cidr)
) STRICT, WITHOUT ROWID;

"""#),
        Migration(
            number: 3, name: "0003_access",
            sha256: "70c066b99aa9af5d361503d2c1ff3902b1b35041d9b8fddffe3f4bb0ae8ea29b",
            sql: ##"""
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

"""##),
        Migration(
            number: 4, name: "0004_bridge",
            sha256: "98fd82efa84a2eb6c2228bb6db1422a5f8a2bf237775e50c07f7320371d1a8e6",
            sql: #"""
-- The IdP bridge: grants, shares with their recipients, the connections that follow from them, and the primary IdP.

CREATE TABLE federation_grants (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account_id BLOB    NOT NULL REFERENCES accounts (id),
    idp_id     BLOB    NOT NULL REFERENCES identity_providers (id),
    created_at INTEGER NOT NULL
) STRICT;
-- An identity provider has one grant at most.
CREATE UNIQUE INDEX federation_grants_by_idp ON federation_grants (idp_id);
CREATE INDEX federation_grants_by_account ON federation_grants (account_id, created_at, id);

-- The hidden application that brokers logins over a grant. Never part of a list of applications.
CREATE TABLE bridge_applications (
    id       BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    grant_id BLOB NOT NULL UNIQUE REFERENCES federation_grants (id) ON DELETE CASCADE,
    aud      BLOB NOT NULL UNIQUE CHECK (length(aud) = 32)
) STRICT;

CREATE TABLE shares (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account_id BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version    INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX shares_by_account ON shares (account_id, created_at, id);

CREATE TABLE share_resources (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    share_id      BLOB    NOT NULL REFERENCES shares (id) ON DELETE CASCADE,
    resource_type TEXT    NOT NULL,
    -- The grant. No foreign key: when it goes, the resource stays and shows `status: deleted`.
    resource_id   BLOB    NOT NULL,
    resource_version INTEGER NOT NULL DEFAULT 1,
    meta          TEXT    NOT NULL,
    status        TEXT    NOT NULL CHECK (status IN ('active', 'deleted')),
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX share_resources_by_share ON share_resources (share_id, created_at, id);
CREATE INDEX share_resources_by_resource ON share_resources (resource_id);

-- Whom a share names: one account, or an organization with everything below it.
CREATE TABLE share_recipients (
    id              BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    share_id        BLOB    NOT NULL REFERENCES shares (id) ON DELETE CASCADE,
    account_id      BLOB    REFERENCES accounts (id) ON DELETE CASCADE,
    organization_id BLOB    REFERENCES organizations (id) ON DELETE CASCADE,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    CHECK ((account_id IS NULL) <> (organization_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX share_recipients_by_account ON share_recipients (share_id, account_id) WHERE account_id IS NOT NULL;
CREATE UNIQUE INDEX share_recipients_by_organization ON share_recipients (share_id, organization_id)
    WHERE organization_id IS NOT NULL;
CREATE INDEX share_recipients_by_share ON share_recipients (share_id);
CREATE INDEX share_recipients_of_account ON share_recipients (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX share_recipients_of_organization ON share_recipients (organization_id) WHERE organization_id IS NOT NULL;

-- One row for each account that a share reaches or has reached: what clients see as its recipients.
CREATE TABLE share_associations (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    share_id   BLOB    NOT NULL REFERENCES shares (id) ON DELETE CASCADE,
    account_id BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- The recipient it came from, the account's own before the organization's.
    recipient_id BLOB  NOT NULL REFERENCES share_recipients (id) ON DELETE CASCADE,
    status     TEXT    NOT NULL CHECK (status IN ('associated', 'disassociated')),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX share_associations_by_account ON share_associations (share_id, account_id);
CREATE INDEX share_associations_of_account ON share_associations (account_id);
CREATE INDEX share_associations_by_recipient ON share_associations (recipient_id);

-- The read-only connection of a recipient account. Name and type are those of the source and are not repeated here.
CREATE TABLE connections (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    grant_id   BLOB    NOT NULL REFERENCES federation_grants (id) ON DELETE CASCADE,
    account_id BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL
) STRICT;
-- An account has one connection at most over a grant.
CREATE UNIQUE INDEX connections_by_grant ON connections (grant_id, account_id);
CREATE INDEX connections_by_account ON connections (account_id, created_at, id);

CREATE TABLE primary_idps (
    organization_id BLOB NOT NULL PRIMARY KEY REFERENCES organizations (id),
    account_id   BLOB    NOT NULL REFERENCES accounts (id),
    idp_id       BLOB    NOT NULL REFERENCES identity_providers (id),
    grant_id     BLOB    NOT NULL REFERENCES federation_grants (id),
    share_id     BLOB    NOT NULL,
    recipient_id BLOB    NOT NULL,
    mode         TEXT    NOT NULL CHECK (mode IN ('report', 'enforce')),
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    version      INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX primary_idps_by_grant ON primary_idps (grant_id);
CREATE INDEX primary_idps_by_account ON primary_idps (account_id);
CREATE INDEX primary_idps_by_idp ON primary_idps (idp_id);
CREATE INDEX primary_idps_by_share ON primary_idps (share_id);
CREATE INDEX primary_idps_by_recipient ON primary_idps (recipient_id);

-- Accounts that the designation leaves out: not bridged by it, not enforced.
CREATE TABLE primary_idp_exemptions (
    organization_id BLOB NOT NULL REFERENCES primary_idps (organization_id) ON DELETE CASCADE,
    account_id      BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (organization_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX primary_idp_exemptions_by_account ON primary_idp_exemptions (account_id);

CREATE TABLE primary_idp_break_glass (
    organization_id BLOB NOT NULL REFERENCES primary_idps (organization_id) ON DELETE CASCADE,
    email           TEXT NOT NULL,
    position        INTEGER NOT NULL,
    PRIMARY KEY (organization_id, position)
) STRICT, WITHOUT ROWID;

-- Who came in through an identity provider lately: the evidence that enforcing it leaves an administrator a way in.
CREATE TABLE idp_logins (
    idp_id BLOB    NOT NULL REFERENCES identity_providers (id) ON DELETE CASCADE,
    email  TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (idp_id, email)
) STRICT, WITHOUT ROWID;

-- Drift seen at the last look, so that what appears or goes can be audited.
CREATE TABLE idp_drift (
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    since      INTEGER NOT NULL,
    PRIMARY KEY (account_id, kind, subject_id)
) STRICT, WITHOUT ROWID;

"""#),
        Migration(
            number: 5, name: "0005_audit_and_idempotency",
            sha256: "ac0fc00374e3b442ebefe25f3f490fda698614a770fe092e71fe03ca39d7737a",
            sql: #"""
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

"""#),
        Migration(
            number: 6, name: "0006_ended_connections",
            sha256: "8f864c20ae08b96722e0127c404636e8987014446320df32ffc6ba2252fc3704",
            sql: #"""
-- Connections that an account had once: a token from their source is refused as "no longer", not as "never heard of".

CREATE TABLE ended_connections (
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    idp_id     BLOB NOT NULL REFERENCES identity_providers (id) ON DELETE CASCADE,
    -- The id of the last connection between the two.
    connection_id BLOB NOT NULL CHECK (length(connection_id) = 16),
    PRIMARY KEY (account_id, idp_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX ended_connections_by_idp ON ended_connections (idp_id);

"""#),
        Migration(
            number: 7, name: "0007_read_paths",
            sha256: "07ee6ec593ae21c75771621f21b1f4f5b8f4c0bb6b9abf0b5c56492465c3800d",
            sql: #"""
-- Columns and indexes for the paths that are walked most.

-- What every read of an application shows, kept beside it: gathering tags and identity providers costs a list of 50
-- applications 480 µs of 530. Whoever changes the tables of tags and identity providers renews these columns.

-- A JSON array of the tags in order.
ALTER TABLE applications ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
-- The identity providers in order: hexadecimal digits, 32 each, without separators.
ALTER TABLE applications ADD COLUMN allowed_idps TEXT NOT NULL DEFAULT '';

UPDATE applications SET
    tags = (SELECT json_group_array(tag) FROM
               (SELECT tag FROM application_tags WHERE application_id = applications.id ORDER BY position)),
    allowed_idps = coalesce((SELECT group_concat(lower(hex(idp_id)), '') FROM
               (SELECT idp_id FROM application_idps WHERE application_id = applications.id ORDER BY position)), '');

-- The applications of an account that name identity providers: few, and looked at by each write that drift depends on.
CREATE INDEX applications_naming_idps ON applications (account_id) WHERE allowed_idps <> '';

-- The nearest organization first, without sorting: asked twice by each write in a governed account.
CREATE INDEX organization_ancestors_by_distance ON organization_ancestors (organization_id, distance, ancestor_id);

"""#),
        Migration(
            number: 8, name: "0008_sessions",
            sha256: "ed592776005eac3e2b60ba2a7e5398db7a94c7ea9edfdedac07e7259006cf9fe",
            sql: #"""
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

"""#),
        Migration(
            number: 9, name: "0009_policy_tests",
            sha256: "5c823a83d3ce58f4ae6199c81f05811ba8854cc63dc5ac39b6f8f75d84c6bbc7",
            sql: #"""
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

"""#),
        Migration(
            number: 10, name: "0010_oidc_provider",
            sha256: "ef6f0febad6a11b79bb765e6e1a1351cf7fcbe84b815cc29abdb53800084f3b1",
            sql: #"""
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

"""#),
        Migration(
            number: 11, name: "0011_managed_oauth",
            sha256: "69ccc114263aac2d5597f88e9d60738cfb21fcb31e70deb5e931eba4ffcaedd1",
            sql: #"""
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

"""#),
        Migration(
            number: 12, name: "0012_console_sessions",
            sha256: "9f9bc531f685554453627d4b1620c24c44e5f7b0103eebfb88d21ae49319d592",
            sql: #"""
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

"""#),
        Migration(
            number: 13, name: "0013_entitlement_overrides",
            sha256: "5c4494674fea1fa4a41743513aa47fa00422ba9a413a2f06c0c6bd907e9aef27",
            sql: #"""
-- Where an account's plan differs from the plan `unlimited`, which every account has.

CREATE TABLE entitlement_overrides (
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- Such as access.managed_oauth.
    feature    TEXT NOT NULL,
    -- 1 or 0 of a feature, or the bound of a number.
    value      INTEGER NOT NULL,
    edited_at  INTEGER NOT NULL,
    PRIMARY KEY (account_id, feature)
) STRICT, WITHOUT ROWID;

"""#),
    ]
}
