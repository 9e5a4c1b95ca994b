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
