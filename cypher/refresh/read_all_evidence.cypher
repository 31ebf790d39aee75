// Every interaction of some identities, claimed ones too, for summing all their likes anew.
// params:  tenant STRING, identity_ids LIST<STRING>
// returns: identity_id STRING, id STRING, type STRING, at_ms INTEGER, order_id STRING, rating LIST<FLOAT> of [value, max] or NULL,
//          lines LIST<LIST> of [product_id,
//          quantity, price_paid, list_price], as far as they count; by identity, oldest first
// needs:   OF.kept and ordered_at, written by ingest/settle_orders
UNWIND $identity_ids AS identity_id
MATCH (:Identity {tenant: $tenant, id: identity_id})-[:DID|CLAIMED]->(x:Interaction)
WHERE x.order_id IS NULL OR NOT x.type IN ['refund', 'return']
RETURN
  identity_id,
  x.id AS id,
  x.type AS type,
  coalesce(x.ordered_at, x.at).epochMillis AS at_ms,
  x.order_id AS order_id,
  x.rating AS rating,
  COLLECT {
    MATCH (x)-[o:OF]->(p:Product)
    WHERE coalesce(o.kept, o.quantity) > 0
    RETURN [p.id, coalesce(o.kept, o.quantity), o.price_paid, o.list_price]
  } AS lines
ORDER BY identity_id, at_ms, id
