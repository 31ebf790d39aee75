// What the learners say of each product: its popularity, and how many like it with how much evidence.
// The norm is that of the weights by which products are compared (app/jobs/similarity.py).
// params:  tenant STRING, run STRING, now_ms INTEGER, decay_days FLOAT
// returns: products INTEGER; one row
// needs:   LEARNED_FROM, written by refresh/choose_learners
// again:   sets the same, or what was liked meanwhile
MATCH (:Run {tenant: $tenant, id: $run})-[learned:LEARNED_FROM]->(:Identity)-[l:LIKES]->(p:Product)
WITH
  p,
  l.weight * exp(CASE WHEN l.last_at.epochMillis < $now_ms THEN l.last_at.epochMillis - $now_ms ELSE 0 END / 86400000.0 / $decay_days) AS weight,
  learned.mean_weight AS mean_weight
WITH
  p,
  count(*) AS likers,
  sum(weight) AS popularity,
  sqrt(sum(log(1 + weight / mean_weight) ^ 2)) AS evidence_norm
CALL (p, likers, popularity, evidence_norm) {
  SET
    p.likers = likers,
    p.popularity = popularity,
    p.evidence_norm = evidence_norm
} IN TRANSACTIONS OF 20000 ROWS
RETURN count(*) AS products
