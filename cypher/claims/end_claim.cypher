// Take the interactions of a claim from the identity again; they stay whose they were.
// params:  tenant STRING, identity_id STRING, id STRING (of the claim)
// returns: id STRING, type STRING, at_ms INTEGER, order_id STRING, lines LIST<LIST> of [product_id, quantity, price_paid,
//          list_price]; one row per interaction given back
// needs:   the lock of claims/lock_claim in the same transaction
MATCH (i:Identity {tenant: $tenant, id: $identity_id})-[claim:CLAIMED {id: $id}]->(x:Interaction)
DELETE claim
WITH DISTINCT i, x
// Refunds of its own are the only ones that matter from now on.
SET i.has_refunds =
  CASE WHEN EXISTS { (i)-[:DID|CLAIMED]->(r:Interaction) WHERE r.type IN ['refund', 'return'] } THEN true END
RETURN
  x.id AS id,
  x.type AS type,
  x.at.epochMillis AS at_ms,
  x.order_id AS order_id,
  COLLECT { MATCH (x)-[o:OF]->(p:Product) RETURN [p.id, o.quantity, o.price_paid, o.list_price] } AS lines
