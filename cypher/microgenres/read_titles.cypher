// Titles of some products.
// params:  tenant STRING, product_ids LIST<STRING>
// returns: id STRING, title STRING; by id
// needs:   nothing
UNWIND $product_ids AS product_id
MATCH (p:Product {tenant: $tenant, id: product_id})
RETURN p.id AS id, coalesce(p.title, p.id) AS title
ORDER BY id
