// Let an identity have what was done in a session on a login, as far as it has not yet; the raw interactions stay.
// params:  tenant STRING, identity_id STRING, session_id STRING, id STRING (by which it is undone), at ZONED DATETIME
// returns: id STRING, product_ids LIST<STRING>; one row per interaction given now
// needs:   the lock of claims/lock_claimer in the same transaction
MATCH (i:Identity {tenant: $tenant, id: $identity_id})
MATCH (x:Interaction {tenant: $tenant, session_id: $session_id, on_login: true})<-[:DID]-(:Identity {kind: 'anonymous'})
WHERE NOT EXISTS { (i)-[:CLAIMED]->(x) }
CREATE (i)-[:CLAIMED {id: $id, session_id: $session_id, at: $at, method: 'posterior'}]->(x)
SET i.revises =
  CASE
    WHEN x.type IN ['unwish', 'rating', 'dislike'] OR (x.type IN ['refund', 'return'] AND x.order_id IS NULL) THEN true
    ELSE i.revises
  END
RETURN
  x.id AS id,
  COLLECT { MATCH (x)-[:OF]->(p:Product) RETURN p.id } AS product_ids
