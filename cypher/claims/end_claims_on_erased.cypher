// End the claims of others on what an erasure removes: what is gone cannot be anybody's evidence.
// params:  tenant STRING, id STRING (of the erasure), limit INTEGER
// returns: identity_id STRING (whose claim it was), id STRING, type STRING, at_ms INTEGER, order_id STRING, lines
//          LIST<LIST> of [product_id, quantity, price_paid, list_price]; one row per interaction, by identity
// needs:   nothing
MATCH (:Erasure {tenant: $tenant, id: $id})-[:ERASES]->(:Identity)-[:DID]->(x:Interaction)<-[claim:CLAIMED]-(i:Identity)
WITH i, claim, x
LIMIT $limit
DELETE claim
WITH DISTINCT i, x
SET i.version = i.version + 1
RETURN
  i.id AS identity_id,
  x.id AS id,
  x.type AS type,
  x.at.epochMillis AS at_ms,
  x.order_id AS order_id,
  COLLECT { MATCH (x)-[o:OF]->(p:Product) RETURN [p.id, o.quantity, o.price_paid, o.list_price] } AS lines
ORDER BY identity_id, id
