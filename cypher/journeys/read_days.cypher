// The days on which identities did something themselves, and what: what was only attributed to one of a shared login is
// a guess that others move, and does not count.
// params:  tenant STRING, ids LIST<STRING>, now ZONED DATETIME, of_contacts LIST<STRING> (types of events that the shop does)
// returns: identity_id STRING, days LIST<LIST> of [day INTEGER since 1970, deeds LIST<STRING> of looked, wanted, bought
//          and other], in no order; one row per identity found
// needs:   OF.kept, written by ingest/settle_orders
UNWIND $ids AS id
MATCH (i:Identity {tenant: $tenant, id: id})
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
