// Ids among some that no feed had so far, and of which something was said.
// params:  tenant STRING, ids LIST<STRING>
// returns: ids LIST<STRING>; one row
// needs:   nothing
UNWIND $ids AS id
MATCH (stray:Product {tenant: $tenant, id: id, availability: 'unknown'})
WHERE EXISTS { (stray)<-[:OF]-() }
RETURN collect(stray.id) AS ids
