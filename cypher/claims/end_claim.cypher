// Take the interactions of a claim from the identity again; they stay whose they were.
// params:  tenant STRING, identity_id STRING, id STRING (of the claim)
// returns: id STRING, product_ids LIST<STRING>; one row per interaction given back
// needs:   the lock of claims/lock_claim in the same transaction
MATCH (i:Identity {tenant: $tenant, id: $identity_id})-[claim:CLAIMED {id: $id}]->(x:Interaction)
DELETE claim
WITH DISTINCT i, x
// What it revises itself is all that matters from now on.
SET i.revises =
  CASE
    WHEN
      EXISTS { (i)-[:EXCLUDES]->(:Exclusion) } OR
      EXISTS {
        MATCH (i)-[:DID|CLAIMED]->(r:Interaction)
        WHERE r.type IN ['unwish', 'rating', 'dislike'] OR (r.type IN ['refund', 'return'] AND r.order_id IS NULL)
      }
      THEN true
  END
RETURN
  x.id AS id,
  COLLECT { MATCH (x)-[:OF]->(p:Product) RETURN p.id } AS product_ids
