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
