// What was counted of an experiment last.
// params:  tenant STRING, id STRING
// returns: numbers STRING (JSON: noisy numbers by arm), at_ms INTEGER; no row when it was not counted yet
// needs:   the constraint experiment_count_key
MATCH (c:ExperimentCount {tenant: $tenant, id: $id})
RETURN c.numbers AS numbers, c.at.epochMillis AS at_ms
