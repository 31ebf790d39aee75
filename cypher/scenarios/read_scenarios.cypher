// The scenarios of a tenant, by name.
// params:  tenant STRING, name STRING or NULL (only this one)
// returns: name STRING, fields STRING (JSON), changed_by STRING, changed_at_ms INTEGER; one row a scenario
// needs:   the constraint scenario_key
MATCH (s:Scenario {tenant: $tenant})
WHERE $name IS NULL OR s.id = $name
RETURN s.id AS name, s.fields AS fields, s.changed_by AS changed_by, s.changed_at.epochMillis AS changed_at_ms
ORDER BY name
