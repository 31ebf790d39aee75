// What each of those that figures count uses, how often it came, and what it paid: logins and devices only in numbers.
// params:  tenant STRING, run STRING, now ZONED DATETIME, of_several LIST<STRING> (kinds of identities that several people
//          stand behind), of_contacts LIST<STRING> (types of events that the shop does)
// returns: identity_id STRING, logins LIST<LIST> and devices LIST<LIST> of [users INTEGER, users that
//          figures count INTEGER, BOOLEAN (one of them is of several)], on_login BOOLEAN (it came by a login that did not
//          say who it is), sessions INTEGER, spent LIST<LIST> of [currency, FLOAT]; by identity_id
// needs:   LEARNED_FROM, written by refresh/choose_learners; OF.kept, written by ingest/settle_orders
MATCH (run:Run {tenant: $tenant, id: $run})-[learned:LEARNED_FROM]->(i:Identity)
WHERE learned.counts
CALL (run, i) {
  MATCH (i)<-[own:USED_BY]-(account:Account)
  WHERE own.first_seen <= $now AND coalesce(own.valid_until > $now, true)
  WITH DISTINCT run, account
  CALL (run, account) {
    MATCH (account)-[r:USED_BY]->(user:Identity)
    WHERE r.first_seen <= $now AND coalesce(r.valid_until > $now, true)
    WITH DISTINCT run, user
    RETURN
      count(user) AS users,
      count(CASE WHEN EXISTS { (run)-[:LEARNED_FROM {counts: true}]->(user) } THEN 1 END) AS counting,
      count(CASE WHEN user.kind IN $of_several THEN 1 END) > 0 AS is_of_several
  }
  RETURN collect([users, counting, is_of_several]) AS logins
}
CALL (run, i) {
  MATCH (i)-[own:KNOWN_BY]->(device:Identifier {type: 'device'})
  WHERE own.first_seen <= $now AND coalesce(own.valid_until > $now, true)
  WITH DISTINCT run, device
  CALL (run, device) {
    MATCH (device)<-[r:KNOWN_BY]-(user:Identity)
    WHERE r.first_seen <= $now AND coalesce(r.valid_until > $now, true)
    WITH DISTINCT run, user
    RETURN
      count(user) AS users,
      count(CASE WHEN EXISTS { (run)-[:LEARNED_FROM {counts: true}]->(user) } THEN 1 END) AS counting,
      count(CASE WHEN user.kind IN $of_several THEN 1 END) > 0 AS is_of_several
  }
  RETURN collect([users, counting, is_of_several]) AS devices
}
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
RETURN
  i.id AS identity_id,
  logins,
  devices,
  on_login,
  sessions,
  spent
ORDER BY identity_id
