// The audiences of a tenant, by name.
// params:  tenant STRING, name STRING or NULL (only this one)
// returns: name STRING, fields STRING (JSON), changed_by STRING, changed_at_ms INTEGER; one row an audience
// needs:   the constraint audience_key
MATCH (a:Audience {tenant: $tenant})
WHERE $name IS NULL OR a.id = $name
RETURN a.id AS name, a.fields AS fields, a.changed_by AS changed_by, a.changed_at.epochMillis AS changed_at_ms
ORDER BY name
