// How often each of those that figures count came, and what it paid.
// params:  tenant STRING, run STRING, now ZONED DATETIME, of_contacts LIST<STRING> (types of events that the shop does)
// returns: identity_id STRING, on_login BOOLEAN (it came by a login that did not say who it is), sessions INTEGER, spent
//          LIST<LIST> of [currency, FLOAT]; by identity_id
// needs:   LEARNED_FROM, written by refresh/choose_learners; OF.kept, written by ingest/settle_orders
MATCH (:Run {tenant: $tenant, id: $run})-[learned:LEARNED_FROM]->(i:Identity)
WHERE learned.counts
CALL (i) {
  MATCH (i)-[:DID]->(x:Interaction)
  WHERE x.at <= $now AND NOT x.type IN $of_contacts
  RETURN
    count(DISTINCT coalesce(x.session_id, toString(date(x.at)))) AS sessions,
    count(CASE WHEN x.on_login THEN 1 END) > 0 AS on_login
}
CALL (i) {
  MATCH (i)-[:DID]->(x:Interaction {type: 'purchase'})-[of:OF]->(:Product)
  WHERE x.at <= $now AND coalesce(of.kept, of.quantity) > 0 AND of.price_paid IS NOT NULL
  WITH x.currency AS currency, sum(of.price_paid * coalesce(of.kept, of.quantity)) AS paid
  RETURN collect([currency, paid]) AS spent
}
RETURN i.id AS identity_id, on_login, sessions, spent
ORDER BY identity_id
