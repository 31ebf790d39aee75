// Keep a place for products that the catalogue does not hold yet; they are never recommended.
// params:  tenant STRING, ids LIST<STRING> (sorted)
// returns: nothing
// needs:   nothing
UNWIND $ids AS id
MERGE (p:Product {tenant: $tenant, id: id})
ON CREATE SET p.availability = 'unknown'
