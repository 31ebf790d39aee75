// The SIMILAR_TO and LESS_SIMILAR_TO edges of a run.
// params:  tenant STRING, run STRING
// returns: product STRING, near_ids LIST<STRING>, weights LIST<FLOAT>; one row a product that speaks, by id
// needs:   refresh/write_similar and refresh/part_similar
MATCH (p:Product {tenant: $tenant})-[s:SIMILAR_TO|LESS_SIMILAR_TO]->(near)
WHERE s.run = $run
WITH p.id AS product, near.id AS near, s.weight AS weight
ORDER BY product, near
RETURN product, collect(near) AS near_ids, collect(weight) AS weights
ORDER BY product
