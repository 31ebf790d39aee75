// Keep a scenario, in place of the one of its name.
// params:  tenant STRING, name STRING, fields STRING (JSON), by STRING (id of the key), at ZONED DATETIME
// returns: nothing
// needs:   the constraint scenario_key
MERGE (s:Scenario {tenant: $tenant, id: $name})
SET
  s.fields = $fields,
  s.changed_by = $by,
  s.changed_at = $at
