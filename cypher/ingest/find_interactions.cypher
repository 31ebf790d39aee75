// Which of these interactions are on disk already.
// params:  tenant STRING, ids LIST<STRING>
// returns: id STRING; one row per interaction found
// needs:   nothing
UNWIND $ids AS id
MATCH (x:Interaction {tenant: $tenant, id: id})
RETURN x.id AS id
