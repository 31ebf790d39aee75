// Ids of all that can be erased, page by page: to find in a restored store whoever was erased since its backup.
// params:  tenant STRING, label STRING of Identity|Person|Account|Household, after STRING, limit INTEGER
// returns: id STRING; in order
// needs:   nothing
MATCH (n:$($label) {tenant: $tenant})
WHERE n.id > $after
RETURN n.id AS id
ORDER BY id
LIMIT $limit
