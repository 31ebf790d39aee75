// Let an identity exclude something; the same once more is the one that is there.
// params:  tenant STRING, identity_id STRING, id STRING, kind STRING of product|brand|tag|microgenre|order|event, value STRING,
//          product_id STRING or NULL (of an order or event, only this one), at ZONED DATETIME
// returns: id STRING, kind STRING, value STRING, product_id STRING or NULL, at_ms INTEGER; one row
// needs:   the lock of exclusions/lock_identity in the same transaction
MATCH (i:Identity {tenant: $tenant, id: $identity_id})
CALL (i) {
  OPTIONAL MATCH (i)-[:EXCLUDES]->(known:Exclusion {kind: $kind, value: $value})
  WHERE coalesce(known.product_id, '') = coalesce($product_id, '')
  RETURN head(collect(known)) AS known
}
FOREACH (_ IN CASE WHEN known IS NULL THEN [1] ELSE [] END |
  CREATE (i)-[:EXCLUDES]->(e:Exclusion {tenant: $tenant, id: $id})
  SET
    e.kind = $kind,
    e.value = $value,
    e.product_id = $product_id,
    e.at = $at
)
WITH i, coalesce(known.id, $id) AS id
MATCH (i)-[:EXCLUDES]->(e:Exclusion {id: id})
RETURN
  e.id AS id,
  e.kind AS kind,
  e.value AS value,
  e.product_id AS product_id,
  e.at.epochMillis AS at_ms
