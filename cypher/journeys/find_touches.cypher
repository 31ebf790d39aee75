// What some identities had to do with products that two and more of them had to do with, of those alone who consent to
// be linked: looks, purchases that were kept, and what only somebody says of a product who has it.
// params:  tenant STRING, ids LIST<STRING>, now ZONED DATETIME, most INTEGER (products)
// returns: product_id STRING, touches LIST<LIST> of [id STRING, how STRING of looked, bought and used, at_ms INTEGER]; one
//          row per product, latest first
// needs:   OF.kept, written by ingest/settle_orders
UNWIND $ids AS id
MATCH (i:Identity {tenant: $tenant, id: id})
WHERE
  COLLECT {
    MATCH (i)-[:GAVE]->(c:Consent {purpose: 'link_identities'})
    WHERE c.at <= $now OR c.status <> 'granted'
    RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
    ORDER BY c.counts_from DESC, live
    LIMIT 1
  } = [true]
MATCH (i)-[:DID]->(x:Interaction)-[of:OF]->(p:Product)
WHERE
  x.at <= $now
  AND x.type IN ['view', 'cart', 'wish', 'click', 'share', 'purchase', 'rating', 'return']
  AND (x.type <> 'purchase' OR coalesce(of.kept, of.quantity) > 0)
WITH
  p,
  i.id AS id,
  CASE x.type
    WHEN 'purchase' THEN 'bought'
    WHEN 'rating' THEN 'used'
    WHEN 'return' THEN 'used'
    ELSE 'looked'
  END AS how,
  coalesce(CASE WHEN x.type = 'purchase' THEN x.ordered_at END, x.at).epochMillis AS at_ms
WITH p, collect(DISTINCT [id, how, at_ms]) AS touches, collect(DISTINCT id) AS ids, max(at_ms) AS last_ms
WHERE size(ids) > 1
RETURN p.id AS product_id, touches
ORDER BY last_ms DESC, product_id
LIMIT $most
