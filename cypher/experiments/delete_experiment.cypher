// Forget an experiment and what was counted of it; decisions say until they are removed that they took part.
// params:  tenant STRING, id STRING
// returns: id STRING; no row when there is no such experiment
// needs:   the constraints experiment_key and experiment_count_key
MATCH (e:Experiment {tenant: $tenant, id: $id})
OPTIONAL MATCH (c:ExperimentCount {tenant: $tenant, id: $id})
WITH e, c, e.id AS id
DELETE e, c
RETURN id
