// When each of those that figures count bought and kept something.
// params:  tenant STRING, run STRING
// returns: identity_id STRING, days LIST<INTEGER> (since 1970, one a purchase, in no order); by identity_id
// needs:   LEARNED_FROM, written by refresh/choose_learners; OF.kept, written by ingest/settle_orders
MATCH (:Run {tenant: $tenant, id: $run})-[learned:LEARNED_FROM]->(i:Identity)
WHERE learned.counts
CALL (i) {
  MATCH (i)-[:DID|CLAIMED]->(x:Interaction {type: 'purchase'})
  WHERE EXISTS { MATCH (x)-[of:OF]->(:Product) WHERE coalesce(of.kept, of.quantity) > 0 }
  WITH DISTINCT x
  RETURN collect(coalesce(x.ordered_at, x.at).epochMillis / 86400000) AS days
}
RETURN i.id AS identity_id, days
ORDER BY identity_id
