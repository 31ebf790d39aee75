// Which product wears which tags.
// params:  tenant STRING
// returns: product STRING, tag_ids LIST<STRING>, weights LIST<FLOAT>; one row a tagged product, by id
// needs:   nothing
MATCH (p:Product {tenant: $tenant})-[wears:TAGGED]->(t:Tag)
WITH p.id AS product, wears, t.id AS tag
ORDER BY product, tag
RETURN product, collect(tag) AS tag_ids, collect(coalesce(wears.weight, 1.0)) AS weights
ORDER BY product
