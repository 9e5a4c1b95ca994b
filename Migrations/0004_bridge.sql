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
