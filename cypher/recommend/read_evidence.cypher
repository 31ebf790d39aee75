// All that an identity did, claimed things too, for summing its likes anew; behind the gate, like the likes themselves.
// params:  tenant STRING, identity_id STRING, purpose STRING, now ZONED DATETIME
// returns: id STRING, type STRING, at_ms INTEGER, order_id STRING, rating LIST<FLOAT> of [value, max] or NULL,
//          lines LIST<LIST> of [product_id, quantity, price_paid,
//          list_price], as far as they count; oldest first, no row without a live consent
// needs:   OF.kept and ordered_at, written by ingest/settle_orders
MATCH (asked:Identity {tenant: $tenant, id: $identity_id})
WHERE
  COLLECT {
    MATCH (asked)-[:GAVE]->(c:Consent {purpose: $purpose})
    WHERE c.at <= $now OR c.status <> 'granted'
    RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
    ORDER BY c.counts_from DESC, live
    LIMIT 1
  } = [true]
MATCH (asked)-[:DID|CLAIMED]->(x:Interaction)
WHERE x.order_id IS NULL OR NOT x.type IN ['refund', 'return']
RETURN
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
ORDER BY at_ms, id
