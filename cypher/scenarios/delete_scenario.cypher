// Forget a scenario.
// params:  tenant STRING, name STRING
// returns: name STRING; no row when there is no such scenario
// needs:   the constraint scenario_key
MATCH (s:Scenario {tenant: $tenant, id: $name})
WITH s, s.id AS name
DELETE s
RETURN name
