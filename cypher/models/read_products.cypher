// All products of a shop, how many like each, and by what its variants are known.
// params:  tenant STRING
// returns: id STRING, likers INTEGER, variant LIST of [item group or NULL, title, brand or NULL, category or NULL]; one
//          row a product, by id
// needs:   Product.likers by refresh/score_products
MATCH (p:Product {tenant: $tenant})
RETURN
  p.id AS id,
  coalesce(p.likers, 0) AS likers,
  [p.item_group_id, coalesce(p.title, p.id), p.brand, p.category] AS variant
ORDER BY id
