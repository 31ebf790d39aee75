// Some identities that the active run learned from, whoever comes first: the service asks itself for them after a start.
// params:  tenant STRING, limit INTEGER 1..100
// returns: id STRING; at most limit rows, in no order
// needs:   an active Run by app/jobs/refresh.py
MATCH (:Run {tenant: $tenant, active: true})-[:LEARNED_FROM]->(i:Identity)
RETURN i.id AS id
LIMIT $limit
