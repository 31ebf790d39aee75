// The next of those that a run learns from, in order of id, and every line that they bought and kept.
// params:  tenant STRING, run STRING, after STRING (the last id of the page before; '' at first), limit INTEGER
// returns: identity STRING, product_ids LIST<STRING>, days LIST<INTEGER> (since 1970), deals LIST<INTEGER> (1 on a deal,
//          0 at full price, -1 where a price is not known), of equal length; one row an identity, by id
// needs:   LEARNED_FROM, written by refresh/choose_learners; OF.kept, written by ingest/settle_orders
MATCH (:Run {tenant: $tenant, id: $run})-[:LEARNED_FROM]->(i:Identity)
WHERE i.id > $after
WITH i
ORDER BY i.id
LIMIT $limit
CALL (i) {
  MATCH (i)-[:DID|CLAIMED]->(x:Interaction {type: 'purchase'})
  WITH x, coalesce(x.ordered_at, x.at).epochMillis / 86400000 AS day
  MATCH (x)-[line:OF]->(p:Product)
  WHERE coalesce(line.kept, line.quantity) > 0
  RETURN
    collect(p.id) AS product_ids,
    collect(day) AS days,
    collect(
      CASE
        WHEN line.price_paid IS NULL OR line.list_price IS NULL OR line.list_price <= 0 THEN -1
        WHEN line.price_paid < line.list_price THEN 1
        ELSE 0
      END
    ) AS deals
}
RETURN i.id AS identity, product_ids, days, deals
ORDER BY identity
