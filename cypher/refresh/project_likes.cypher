// Project products and who likes them into GDS: product -> identity, weighted by evidence as of the
// run in units of the identity's mean, so that busy identities do not outvote the others, and as log(1 + units), so
// that one heavy habit does not make two products alike.
// params:  tenant STRING, run STRING, graph STRING (name of the projection), now_ms INTEGER, decay_days FLOAT,
//          likes_per_identity INTEGER (the strongest are kept)
// returns: products INTEGER, identities INTEGER, likes INTEGER; one row, none when nobody likes anything
// needs:   LEARNED_FROM, written by refresh/choose_learners
MATCH (:Run {tenant: $tenant, id: $run})-[learned:LEARNED_FROM]->(i:Identity)
CALL (i, learned) {
  MATCH (i)-[l:LIKES]->(p:Product)
  WITH
    p,
    log(
      1 +
        l.weight *
          exp(CASE WHEN l.last_at.epochMillis < $now_ms THEN l.last_at.epochMillis - $now_ms ELSE 0 END / 86400000.0 / $decay_days) /
          learned.mean_weight
    ) AS weight
  WHERE weight > 0
  ORDER BY weight DESC, p.id
  LIMIT $likes_per_identity
  RETURN p, weight
}
WITH i, p, weight
ORDER BY p.id, i.id
WITH
  count(DISTINCT p) AS products,
  count(DISTINCT i) AS identities,
  count(*) AS likes,
  gds.graph.project($graph, p, i, {relationshipProperties: {weight: weight}}) AS projected
WHERE projected IS NOT NULL
RETURN products, identities, likes
