// What each of those that a run learns from bought and kept, in numbers; prices are summed by currency.
// params:  tenant STRING, run STRING, recent_ms INTEGER (from when on a purchase is recent), earlier_ms INTEGER (from
//          when on it is one of as many days before)
// returns: identity_id STRING, currency STRING or NULL, purchases INTEGER, recent INTEGER, earlier INTEGER,
//          last_ms INTEGER, days LIST<INTEGER> (with a purchase, since 1970, each once), spend FLOAT,
//          full_price_spend FLOAT, priced_lines INTEGER, deal_lines INTEGER; by identity_id and currency
// needs:   LEARNED_FROM, written by refresh/choose_learners; OF.kept, written by ingest/settle_orders
MATCH (:Run {tenant: $tenant, id: $run})-[:LEARNED_FROM]->(i:Identity)-[:DID]->(x:Interaction {type: 'purchase'})
CALL (x) {
  MATCH (x)-[of:OF]->(:Product)
  WHERE coalesce(of.kept, of.quantity) > 0
  WITH
    of.price_paid * coalesce(of.kept, of.quantity) AS paid,
    CASE WHEN of.list_price > 0 AND of.price_paid IS NOT NULL THEN of.price_paid < of.list_price END AS is_deal
  RETURN
    sum(paid) AS spend,
    sum(CASE WHEN is_deal THEN 0 ELSE paid END) AS full_price_spend,
    count(is_deal) AS priced_lines,
    count(CASE WHEN is_deal THEN 1 END) AS deal_lines,
    count(*) AS kept
}
WITH *, coalesce(x.ordered_at, x.at).epochMillis AS at_ms
WHERE kept > 0
RETURN
  i.id AS identity_id,
  x.currency AS currency,
  count(*) AS purchases,
  count(CASE WHEN at_ms >= $recent_ms THEN 1 END) AS recent,
  count(CASE WHEN at_ms >= $earlier_ms AND at_ms < $recent_ms THEN 1 END) AS earlier,
  max(at_ms) AS last_ms,
  collect(DISTINCT at_ms / 86400000) AS days,
  sum(spend) AS spend,
  sum(full_price_spend) AS full_price_spend,
  sum(priced_lines) AS priced_lines,
  sum(deal_lines) AS deal_lines
ORDER BY identity_id, currency
