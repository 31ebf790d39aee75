// The likes of many identities at once, and what those like whom each follows: the facts that recommend/read_reader reads of one.
// params:  tenant STRING (a throw-away one, in which everybody has consented to everything), identity_ids LIST<STRING>,
//          habit_days INTEGER (days of purchases from which on they are read)
// returns: id STRING, kind STRING, product_ids LIST<STRING>, weights LIST<FLOAT>, full_price_weights LIST<FLOAT>, at_ms
//          LIST<INTEGER>, bought LIST<BOOLEAN>, bought_ms LIST<INTEGER> (-1 for none), days LIST<INTEGER>, habit_days
//          LIST<LIST<INTEGER>>, followed_ids LIST<STRING>, followed_weights LIST<FLOAT>; one row an identity, in any order
// needs:   LIKES kept by ingest/; FOLLOWED_LIKE of the active Run by app/jobs/refresh.py
MATCH (run:Run {tenant: $tenant, active: true})
UNWIND $identity_ids AS identity_id
MATCH (i:Identity {tenant: $tenant, id: identity_id})
CALL (i) {
  MATCH (i)-[l:LIKES]->(p:Product)
  WHERE l.weight > 0
  RETURN
    collect(p.id) AS product_ids,
    collect(l.weight) AS weights,
    collect(coalesce(l.full_price_weight, l.weight)) AS full_price_weights,
    collect(l.last_at.epochMillis) AS at_ms,
    collect(l.purchases > 0) AS bought,
    collect(coalesce(l.last_bought_at.epochMillis, -1)) AS bought_ms,
    collect(coalesce(size(l.bought_days), toInteger(l.purchases > 0))) AS days,
    collect(CASE WHEN size(l.bought_days) >= $habit_days THEN l.bought_days ELSE [] END) AS habit_days
}
CALL (run, i) {
  MATCH (i)-[s:FOLLOWED_LIKE]->(p:Product)
  WHERE s.run = run.id
  RETURN collect(p.id) AS followed_ids, collect(s.weight) AS followed_weights
}
RETURN
  i.id AS id,
  i.kind AS kind,
  product_ids,
  weights,
  full_price_weights,
  at_ms,
  bought,
  bought_ms,
  days,
  habit_days,
  followed_ids,
  followed_weights
