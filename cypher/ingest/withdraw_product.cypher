// Take a product out of every answer; its history stays.
// params:  tenant STRING, id STRING
// returns: id STRING; no row when there is no such product
// needs:   nothing
MATCH (p:Product {tenant: $tenant, id: $id})
SET p.availability = 'withdrawn'
RETURN p.id AS id
