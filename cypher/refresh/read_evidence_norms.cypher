// How many of a run's learners like each product, with how much evidence: what a comparison of products is shrunk by.
// params:  tenant STRING
// returns: product_ids LIST<STRING>, likers LIST<INTEGER>, norms LIST<FLOAT>, of equal length; one row
// needs:   Product.evidence_norm and .likers by refresh/score_products
MATCH (p:Product {tenant: $tenant})
WHERE p.evidence_norm IS NOT NULL
RETURN collect(p.id) AS product_ids, collect(p.likers) AS likers, collect(p.evidence_norm) AS norms
