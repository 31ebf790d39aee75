// Freeze a plan, or recall it.
// params:  tenant STRING, id STRING, state STRING of frozen|recalled
// returns: id STRING; no row where there is no such plan
// needs:   nothing
MATCH (plan:Plan {tenant: $tenant, id: $id})
SET plan.state = $state
RETURN plan.id AS id
