// The likes of an identity as of now, and the interactions that they rest on.
// params:  tenant STRING, identity_id STRING, now ZONED DATETIME, decay_days FLOAT, limit INTEGER 1..1000
// returns: product_id STRING, title STRING or NULL, weight FLOAT (now), full_price_weight FLOAT (now),
//          count INTEGER, purchases INTEGER, last_at_ms INTEGER, events LIST<LIST> of [type, number],
//          discount_share FLOAT 0..1 or NULL; strongest first
// needs:   LIKES, kept by app/graph/interactions.py
MATCH (i:Identity {tenant: $tenant, id: $identity_id})-[l:LIKES]->(p:Product)
WITH i, l, p,
  CASE
    WHEN l.last_at >= $now THEN 1.0
    ELSE exp((l.last_at.epochMillis - $now.epochMillis) / 86400000.0 / $decay_days)
  END AS left
WITH i, l, p, left, l.weight * left AS weight
ORDER BY weight DESC, p.id
LIMIT $limit
CALL (i, p) {
  MATCH (i)-[:DID|CLAIMED]->(x:Interaction)-[line:OF]->(p)
  WHERE coalesce(line.kept, line.quantity) > 0
  WITH x.type AS type, count(DISTINCT x) AS number,
    sum(
      CASE
        WHEN line.price_paid >= line.list_price THEN 0.0
        WHEN line.list_price > 0 THEN 1.0 - line.price_paid / line.list_price
      END
    ) AS shares,
    count(CASE WHEN line.list_price > 0 THEN line.price_paid END) AS priced
  ORDER BY type
  RETURN collect([type, number]) AS events, sum(shares) / nullif(sum(priced), 0) AS discount_share
}
RETURN
  p.id AS product_id,
  p.title AS title,
  weight,
  coalesce(l.full_price_weight, l.weight) * left AS full_price_weight,
  l.count AS count,
  l.purchases AS purchases,
  l.last_at.epochMillis AS last_at_ms,
  events,
  discount_share
ORDER BY weight DESC, product_id
