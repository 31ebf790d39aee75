// Say whether products can be had.
// params:  tenant STRING, rows LIST<LIST> of [id, availability]
// returns: nothing
// needs:   nothing
UNWIND $rows AS row
MATCH (p:Product {tenant: $tenant, id: row[0]})
SET p.availability = row[1]
