// Who likes what, of those that a run learns from; evidence as of the run in units of the identity's mean, as log(1 + units),
// so that busy identities do not outvote the others and one heavy habit does not make two products alike. What is stamped
// ahead of the run is not younger than new.
// params:  tenant STRING, run STRING, now_ms INTEGER, decay_days FLOAT, likes_per_identity INTEGER (the strongest are kept)
// returns: identity STRING, product_ids LIST<STRING>, weights LIST<FLOAT>, evidence LIST<FLOAT> (that did not age), first_ms
//          LIST<INTEGER> (when first bought, else when seen last), last_ms LIST<INTEGER>; one row an identity, by id
// needs:   LEARNED_FROM, written by refresh/choose_learners
MATCH (:Run {tenant: $tenant, id: $run})-[learned:LEARNED_FROM]->(i:Identity)
CALL (i, learned) {
  MATCH (i)-[l:LIKES]->(p:Product)
  WHERE l.weight > 0
  WITH p.id AS product, l, l.last_at.epochMillis - $now_ms AS ahead_ms
  WITH
    product,
    l,
    log(1 + l.weight * exp(CASE WHEN ahead_ms < 0 THEN ahead_ms ELSE 0 END / 86400000.0 / $decay_days) / learned.mean_weight)
      AS weight
  ORDER BY weight DESC, l.last_at DESC, product
  LIMIT $likes_per_identity
  RETURN
    collect(product) AS product_ids,
    collect(weight) AS weights,
    collect(l.weight) AS evidence,
    collect(coalesce(l.first_bought_at, l.last_at).epochMillis) AS first_ms,
    collect(l.last_at.epochMillis) AS last_ms
}
RETURN i.id AS identity, product_ids, weights, evidence, first_ms, last_ms
ORDER BY identity
