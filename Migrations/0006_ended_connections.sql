-- Connections that an account had once: a token from their source is refused as "no longer", not as "never heard of".

CREATE TABLE ended_connections (
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    idp_id     BLOB NOT NULL REFERENCES identity_providers (id) ON DELETE CASCADE,
    -- The id of the last connection between the two.
    connection_id BLOB NOT NULL CHECK (length(connection_id) = 16),
    PRIMARY KEY (account_id, idp_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX ended_connections_by_idp ON ended_connections (idp_id);
