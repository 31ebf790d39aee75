// Keep an audience, in place of the one of its name.
// params:  tenant STRING, name STRING, fields STRING (JSON), by STRING (id of the key), at ZONED DATETIME
// returns: nothing
// needs:   the constraint audience_key
MERGE (a:Audience {tenant: $tenant, id: $name})
SET
  a.fields = $fields,
  a.changed_by = $by,
  a.changed_at = $at
