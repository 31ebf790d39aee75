// Which brand makes which product.
// params:  tenant STRING
// returns: product STRING, brand STRING, name STRING; by product
// needs:   nothing
MATCH (p:Product {tenant: $tenant})-[:MADE_BY]->(b:Brand)
RETURN p.id AS product, b.id AS brand, coalesce(b.name, b.id) AS name
ORDER BY product, brand
