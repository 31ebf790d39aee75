// What people come to after each product, as a run learned it.
// params:  tenant STRING, run STRING
// returns: product STRING, next_ids LIST<STRING>, weights LIST<FLOAT>; one row a product that anything follows, by id
// needs:   refresh/write_next
MATCH (p:Product {tenant: $tenant})-[next:LEADS_ON_IN]->(:Run {tenant: $tenant, id: $run})
RETURN p.id AS product, next.product_ids AS next_ids, next.weights AS weights
ORDER BY product
