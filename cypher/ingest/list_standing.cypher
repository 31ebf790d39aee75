// Ids of what a shop has put into its catalogue and not withdrawn.
// params:  tenant STRING
// returns: id STRING; one row a product
// needs:   nothing
MATCH (p:Product {tenant: $tenant})
WHERE p.title IS NOT NULL AND NOT coalesce(p.availability, '') IN ['withdrawn', 'unknown']
RETURN p.id AS id
