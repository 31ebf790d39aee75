// Which products each of those that a run learns from bought, and how many of them more than once.
// params:  tenant STRING, run STRING
// returns: identity_id STRING, product_ids LIST<STRING>, again INTEGER; by identity_id
// needs:   LEARNED_FROM, written by refresh/choose_learners
MATCH (:Run {tenant: $tenant, id: $run})-[:LEARNED_FROM]->(i:Identity)-[l:LIKES]->(p:Product)
WHERE l.purchases > 0
RETURN i.id AS identity_id, collect(p.id) AS product_ids, count(CASE WHEN l.purchases > 1 THEN 1 END) AS again
ORDER BY identity_id
