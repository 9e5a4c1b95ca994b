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
