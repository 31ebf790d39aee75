// The products that an identity bought under these order ids.
// params:  tenant STRING, identity_id STRING, order_ids LIST<STRING>
// returns: product_id STRING; one row per product
// needs:   nothing
MATCH (:Identity {tenant: $tenant, id: $identity_id})-[:DID|CLAIMED]->(x:Interaction)-[:OF]->(p:Product)
WHERE x.order_id IN $order_ids
RETURN DISTINCT p.id AS product_id
