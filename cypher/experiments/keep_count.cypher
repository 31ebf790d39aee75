// Keep what was counted of an experiment, unless somebody has counted it since.
// params:  tenant STRING, id STRING, numbers STRING (JSON: noisy numbers by arm), at ZONED DATETIME, before ZONED DATETIME (what
//          was counted until then is out of date)
// returns: numbers STRING, at_ms INTEGER: what stands; no row when there is no such experiment any more
// needs:   the constraint experiment_count_key
MATCH (e:Experiment {tenant: $tenant, id: $id})
MERGE (c:ExperimentCount {tenant: $tenant, id: e.id})
FOREACH (ignored IN CASE WHEN coalesce(c.at <= $before, true) THEN [1] ELSE [] END |
  SET
    c.numbers = $numbers,
    c.at = $at
)
RETURN c.numbers AS numbers, c.at.epochMillis AS at_ms
