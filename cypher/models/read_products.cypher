// All products of a shop, and how many like each.
// params:  tenant STRING
// returns: id STRING, likers INTEGER; one row a product, by id
// needs:   Product.likers by refresh/score_products
MATCH (p:Product {tenant: $tenant})
RETURN p.id AS id, coalesce(p.likers, 0) AS likers
ORDER BY id
