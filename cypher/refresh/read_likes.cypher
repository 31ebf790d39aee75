// Who likes what, of those that a run learns from; evidence as of the run in units of the identity's mean, as log(1 + units),
// so that busy identities do not outvote the others and one heavy habit does not make two products alike.
// params:  tenant STRING, run STRING, now_ms INTEGER, decay_days FLOAT, likes_per_identity INTEGER (the strongest are kept)
// returns: identity STRING, product_ids LIST<STRING>, weights LIST<FLOAT>; one row an identity, by id
// needs:   LEARNED_FROM, written by refresh/choose_learners
MATCH (:Run {tenant: $tenant, id: $run})-[learned:LEARNED_FROM]->(i:Identity)
CALL (i, learned) {
  MATCH (i)-[l:LIKES]->(p:Product)
  WITH
    p.id AS product,
    log(
      1 + l.weight * exp((l.last_at.epochMillis - $now_ms) / 86400000.0 / $decay_days) / learned.mean_weight
    ) AS weight
  WHERE weight > 0
  ORDER BY weight DESC, product
  LIMIT $likes_per_identity
  RETURN collect(product) AS product_ids, collect(weight) AS weights
}
RETURN i.id AS identity, product_ids, weights
ORDER BY identity
