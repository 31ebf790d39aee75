// A page of what an identity did, and of the anonymous sessions that it said were its own.
// params:  tenant STRING, identity_id STRING, after STRING (the last id of the page before; '' at first), limit INTEGER
// returns: id STRING, type STRING, at_ms INTEGER, session_id STRING or NULL, decision_id STRING or NULL,
//          order_id STRING or NULL, updated_ms INTEGER or NULL, currency STRING or NULL, rating LIST<FLOAT> of [value, max] or NULL, channel STRING or NULL,
//          device STRING or NULL, claim_id STRING or NULL,
//          claimed_ms INTEGER or NULL, lines LIST<LIST> of [product_id, quantity, price_paid, list_price, kept or NULL, said or NULL]; by id
// needs:   nothing
MATCH (:Identity {tenant: $tenant, id: $identity_id})-[how:DID|CLAIMED]->(x:Interaction)
WHERE x.id > $after
WITH how, x
ORDER BY x.id
LIMIT $limit
RETURN
  x.id AS id,
  x.type AS type,
  x.at.epochMillis AS at_ms,
  x.session_id AS session_id,
  x.decision_id AS decision_id,
  x.order_id AS order_id,
  x.updated_at.epochMillis AS updated_ms,
  x.currency AS currency,
  x.rating AS rating,
  x.channel AS channel,
  x.device AS device,
  how.id AS claim_id,
  how.at.epochMillis AS claimed_ms,
  COLLECT { MATCH (x)-[o:OF]->(p:Product) RETURN [p.id, o.quantity, o.price_paid, o.list_price, o.kept, o.said] ORDER BY p.id } AS lines
ORDER BY id
