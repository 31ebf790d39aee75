// In how many communities what each of those that figures count bought and kept is at home.
// params:  tenant STRING, run STRING, first_day INTEGER, after_day INTEGER (days since 1970; the latter does not count)
// returns: identity_id STRING, engagement INTEGER; by identity_id
// needs:   LEARNED_FROM, written by refresh/choose_learners; OF.kept, written by ingest/settle_orders; AT_HOME_IN of the run
MATCH (:Run {tenant: $tenant, id: $run})-[learned:LEARNED_FROM]->(i:Identity)
WHERE learned.counts
CALL (i) {
  MATCH (i)-[:DID|CLAIMED]->(x:Interaction {type: 'purchase'})
  WITH x, coalesce(x.ordered_at, x.at).epochMillis / 86400000 AS day
  WHERE day >= $first_day AND day < $after_day
  MATCH (x)-[of:OF]->(p:Product)
  WHERE coalesce(of.kept, of.quantity) > 0
  WITH DISTINCT p
  MATCH (p)-[home:AT_HOME_IN]->(c:TasteCommunity)
  WHERE home.run = $run
  RETURN count(DISTINCT c.id) AS engagement
}
RETURN i.id AS identity_id, engagement
ORDER BY identity_id
