// Keep others from changing a product until the transaction ends.
// params:  tenant STRING, id STRING
// returns: nothing
// needs:   nothing
MATCH (p:Product {tenant: $tenant, id: $id})
SET p.id = p.id
