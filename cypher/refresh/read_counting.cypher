// Those of whom a run learns that count in figures.
// params:  tenant STRING, run STRING
// returns: identity_id STRING; sorted
// needs:   LEARNED_FROM, written by refresh/choose_learners
MATCH (:Run {tenant: $tenant, id: $run})-[learned:LEARNED_FROM]->(i:Identity)
WHERE learned.counts
RETURN i.id AS identity_id
ORDER BY identity_id
