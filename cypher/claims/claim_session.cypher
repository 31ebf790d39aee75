// Let an identity have what anonymous ones did in a session, as far as it has not yet; theirs it stays, too.
// params:  tenant STRING, identity_id STRING, session_id STRING, id STRING (of the claim), at ZONED DATETIME
// returns: id STRING, type STRING, at_ms INTEGER, order_id STRING, lines LIST<LIST> of [product_id, quantity, price_paid,
//          list_price]; one row per interaction claimed now
// needs:   the lock of claims/lock_claimer in the same transaction
MATCH (i:Identity {tenant: $tenant, id: $identity_id})
MATCH (x:Interaction {tenant: $tenant, session_id: $session_id})<-[:DID]-(owner:Identity {kind: 'anonymous'})
WHERE owner <> i AND NOT EXISTS { (i)-[:CLAIMED]->(x) }
CREATE (i)-[:CLAIMED {id: $id, session_id: $session_id, at: $at}]->(x)
SET i.has_refunds = CASE WHEN x.type IN ['refund', 'return'] THEN true ELSE i.has_refunds END
RETURN
  x.id AS id,
  x.type AS type,
  x.at.epochMillis AS at_ms,
  x.order_id AS order_id,
  COLLECT { MATCH (x)-[o:OF]->(p:Product) RETURN [p.id, o.quantity, o.price_paid, o.list_price] } AS lines
