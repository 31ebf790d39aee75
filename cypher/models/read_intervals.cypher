// Which products are bought again in a run: by what share of their buyers, and after how many days.
// params:  tenant STRING, run STRING
// returns: product STRING, share FLOAT, days FLOAT; one row a product that somebody bought again, by id
// needs:   refresh/write_rhythms
MATCH (p:Product {tenant: $tenant})-[again:REPURCHASED]->(:Run {tenant: $tenant, id: $run})
RETURN p.id AS product, again.share AS share, again.interval_days AS days
ORDER BY product
