// Who of those that a run learns from first bought what on which day.
// params:  tenant STRING, run STRING, most INTEGER (of each, the latest are kept)
// returns: identity STRING, product_ids LIST<STRING>, days LIST<INTEGER> (since 1970); one row an identity, by id
// needs:   LEARNED_FROM, written by refresh/choose_learners
MATCH (:Run {tenant: $tenant, id: $run})-[:LEARNED_FROM]->(i:Identity)
CALL (i) {
  MATCH (i)-[l:LIKES]->(p:Product)
  WHERE l.first_bought_at IS NOT NULL
  WITH p.id AS product, l.first_bought_at.epochMillis / 86400000 AS day
  ORDER BY day DESC, product
  LIMIT $most
  RETURN collect(product) AS product_ids, collect(day) AS days
}
RETURN i.id AS identity, product_ids, days
ORDER BY identity
