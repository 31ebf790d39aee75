// The interactions of one identity that touch these products, and its refunds of no order: what a recount needs.
// params:  tenant STRING, identity_id STRING, product_ids LIST<STRING>
// returns: id STRING, type STRING, at_ms INTEGER, order_id STRING, rating LIST<FLOAT> of [value, max] or NULL,
//          lines LIST<LIST> of [product_id, quantity,
//          price_paid, list_price], as far as they count; oldest first
// needs:   OF.kept and ordered_at, written by ingest/settle_orders
MATCH (:Identity {tenant: $tenant, id: $identity_id})-[:DID|CLAIMED]->(x:Interaction)
WHERE x.order_id IS NULL OR NOT x.type IN ['refund', 'return']
WITH x,
  COLLECT {
    MATCH (x)-[o:OF]->(p:Product)
    WHERE p.id IN $product_ids AND coalesce(o.kept, o.quantity) > 0
    RETURN [p.id, coalesce(o.kept, o.quantity), o.price_paid, o.list_price]
  } AS lines
WHERE size(lines) > 0
RETURN
  x.id AS id,
  x.type AS type,
  coalesce(x.ordered_at, x.at).epochMillis AS at_ms,
  x.order_id AS order_id,
  x.rating AS rating,
  lines
ORDER BY at_ms, id
