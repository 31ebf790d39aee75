// What was bought of products that no feed has, most first: by its own text, with the group that it seems to name.
// params:  tenant STRING, limit INTEGER 1..1000
// returns: product_id STRING (as it was said), purchases INTEGER, variants INTEGER (products of a group of this id),
//          alternatives INTEGER (products with such a gtin, mpn or sku)
// needs:   OF.said, written by ingest/take_events
CALL () {
  MATCH (stray:Product {tenant: $tenant, availability: 'unknown'})<-[:OF]-(x:Interaction {type: 'purchase'})
  RETURN stray.id AS product_id, count(*) AS purchases
  UNION
  MATCH (x:Interaction {type: 'purchase'})-[line:OF]->(p:Product {tenant: $tenant})
  WHERE line.said IS NOT NULL AND line.said = p.item_group_id
  RETURN line.said AS product_id, count(*) AS purchases
}
WITH product_id, sum(purchases) AS purchases
ORDER BY purchases DESC, product_id
LIMIT $limit
RETURN
  product_id,
  purchases,
  COUNT { MATCH (:Product {tenant: $tenant, item_group_id: product_id}) } AS variants,
  COUNT { MATCH (:Product {tenant: $tenant, gtin: ltrim(product_id, '0')}) } +
    COUNT { MATCH (:Product {tenant: $tenant, mpn: product_id}) } +
    COUNT { MATCH (:Product {tenant: $tenant, sku: product_id}) } AS alternatives
ORDER BY purchases DESC, product_id
