// The interactions of one identity that touch these products, and all its refunds and returns: what a recount needs.
// params:  tenant STRING, identity_id STRING, product_ids LIST<STRING>
// returns: id STRING, type STRING, at_ms INTEGER, order_id STRING, lines LIST<LIST> of [product_id, quantity,
//          price_paid, list_price]; oldest first
// needs:   nothing
MATCH (:Identity {tenant: $tenant, id: $identity_id})-[:DID|CLAIMED]->(x:Interaction)
WITH x,
  COLLECT {
    MATCH (x)-[o:OF]->(p:Product)
    // A refund keeps all its lines: one that names none takes back the whole order.
    WHERE p.id IN $product_ids OR x.type IN ['refund', 'return']
    RETURN [p.id, o.quantity, o.price_paid, o.list_price]
  } AS lines
WHERE size(lines) > 0 OR x.type IN ['refund', 'return']
RETURN x.id AS id, x.type AS type, x.at.epochMillis AS at_ms, x.order_id AS order_id, lines
ORDER BY at_ms, id
