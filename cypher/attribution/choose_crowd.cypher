// Some of those that a run learns from, in an order that has nothing to do with them: what anybody does.
// params:  tenant STRING, run STRING, limit INTEGER
// returns: id STRING
// needs:   LEARNED_FROM, written by refresh/choose_learners
MATCH (:Run {tenant: $tenant, id: $run})-[:LEARNED_FROM]->(i:Identity)
RETURN i.id AS id
ORDER BY reverse(id), id
LIMIT $limit
