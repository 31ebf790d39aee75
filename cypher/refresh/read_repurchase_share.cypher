// How often a purchase pair becomes a habit in this shop: the prior of every product's own share.
// params:  tenant STRING, run STRING
// returns: share FLOAT 0..1; one row, 0 when nothing was bought
// needs:   LEARNED_FROM, written by refresh/choose_learners
MATCH (:Run {tenant: $tenant, id: $run})-[:LEARNED_FROM]->(:Identity)-[l:LIKES]->(:Product)
WHERE l.purchases > 0
RETURN coalesce(avg(CASE WHEN size(l.bought_days) > 1 THEN 1.0 ELSE 0.0 END), 0.0) AS share
