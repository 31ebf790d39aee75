// The days on which each of those that figures count did something itself, and what (as journeys/read_days says of some).
// params:  tenant STRING, run STRING, now ZONED DATETIME, of_contacts LIST<STRING> (types of events that the shop does)
// returns: identity_id STRING, days LIST<LIST> of [day INTEGER since 1970, deeds LIST<STRING> of looked, wanted, bought
//          and other], in no order; by identity_id
// needs:   LEARNED_FROM, written by refresh/choose_learners; OF.kept, written by ingest/settle_orders
MATCH (:Run {tenant: $tenant, id: $run})-[learned:LEARNED_FROM]->(i:Identity)
WHERE learned.counts
CALL (i) {
  MATCH (i)-[how:DID|CLAIMED]->(x:Interaction)
  WHERE x.at <= $now AND NOT x.type IN $of_contacts AND coalesce(how.method <> 'posterior', true)
  WITH
    coalesce(CASE WHEN x.type = 'purchase' THEN x.ordered_at END, x.at).epochMillis / 86400000 AS day,
    CASE
      WHEN x.type IN ['view', 'search', 'click', 'share'] THEN 'looked'
      WHEN x.type IN ['cart', 'wish'] THEN 'wanted'
      WHEN
        x.type = 'purchase' AND
        EXISTS { MATCH (x)-[of:OF]->(:Product) WHERE coalesce(of.kept, of.quantity) > 0 }
        THEN 'bought'
      ELSE 'other'
    END AS deed
  WITH day, collect(DISTINCT deed) AS deeds
  RETURN collect([day, deeds]) AS days
}
RETURN i.id AS identity_id, days
ORDER BY identity_id
