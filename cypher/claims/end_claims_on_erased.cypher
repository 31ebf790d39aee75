// End the claims of others on what an erasure removes: what is gone cannot be anybody's evidence.
// params:  tenant STRING, id STRING (of the erasure), limit INTEGER
// returns: identity_id STRING (whose claim it was), id STRING, product_ids LIST<STRING>; one row per interaction, by
//          identity
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
  COLLECT { MATCH (x)-[:OF]->(p:Product) RETURN p.id } AS product_ids
ORDER BY identity_id, id
