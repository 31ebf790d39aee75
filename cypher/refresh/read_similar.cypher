// What products say of others in a run.
// params:  tenant STRING, run STRING
// returns: product STRING, near_ids LIST<STRING>, weights LIST<FLOAT>; one row a product that speaks, by id
// needs:   refresh/write_speakers
MATCH (p:Product {tenant: $tenant})-[speaks:SPEAKS_IN]->(:Run {tenant: $tenant, id: $run})
RETURN p.id AS product, speaks.product_ids AS near_ids, speaks.weights AS weights
ORDER BY product
