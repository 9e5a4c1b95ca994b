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
