// The most popular products on offer, overall.
// params:  tenant STRING, run STRING, per_list INTEGER
// returns: nothing
// needs:   Product.popularity, written by refresh/score_products
MATCH (run:Run {tenant: $tenant, id: $run})
MATCH (p:Product {tenant: $tenant})
WHERE p.popularity > 0
WITH run, p
ORDER BY p.popularity DESC, p.id
LIMIT $per_list
CREATE (run)-[:POPULAR {run: $run, score: p.popularity}]->(p)
