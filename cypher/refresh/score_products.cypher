// What the learners say of each product: its popularity, how much of that is not of deals, and how many like it with how
// much evidence.
// The norm is that of the weights by which products are compared (app/jobs/similarity.py).
// params:  tenant STRING, run STRING, now_ms INTEGER, decay_days FLOAT, deal_factor FLOAT (what a deal leaves of the weight for full price)
// returns: products INTEGER; one row
// needs:   LEARNED_FROM, written by refresh/choose_learners
// again:   sets the same, or what was liked meanwhile
MATCH (:Run {tenant: $tenant, id: $run})-[learned:LEARNED_FROM]->(:Identity)-[l:LIKES]->(p:Product)
WITH
  p,
  l,
  exp(CASE WHEN l.last_at.epochMillis < $now_ms THEN l.last_at.epochMillis - $now_ms ELSE 0 END / 86400000.0 / $decay_days) AS left,
  learned.mean_weight AS mean_weight
WITH
  p,
  count(*) AS likers,
  sum(l.weight * left) AS popularity,
  sum((l.full_price_weight - $deal_factor * l.weight) * left) AS full_price,
  sqrt(sum(log(1 + l.weight * left / mean_weight) ^ 2)) AS evidence_norm
CALL (p, likers, popularity, full_price, evidence_norm) {
  SET
    p.likers = likers,
    p.popularity = popularity,
    p.full_price_popularity = CASE WHEN $deal_factor < 1 THEN full_price / (1 - $deal_factor) END,
    p.evidence_norm = evidence_norm
} IN TRANSACTIONS OF 20000 ROWS
RETURN count(*) AS products
