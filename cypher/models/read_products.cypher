// All products of a shop, how much each is liked, and by what its variants are known.
// params:  tenant STRING
// returns: id STRING, likers INTEGER, popularity FLOAT, full_price FLOAT or NULL (its part for full price, of older runs
//          unknown), variant LIST of [item group or NULL, title, brand or NULL, category or NULL]; one
//          row a product, by id
// needs:   Product.likers, .popularity and .full_price_popularity by refresh/score_products
MATCH (p:Product {tenant: $tenant})
RETURN
  p.id AS id,
  coalesce(p.likers, 0) AS likers,
  coalesce(p.popularity, 0.0) AS popularity,
  p.full_price_popularity AS full_price,
  [p.item_group_id, coalesce(p.title, p.id), p.brand, p.category] AS variant
ORDER BY id
