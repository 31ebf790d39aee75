// Erasures of every tenant whose list is not worked off yet: what a start goes on with.
// params:  none
// returns: tenant STRING, id STRING; oldest first
// needs:   nothing
MATCH (erasure:Erasure)
WHERE erasure.erased_at IS NULL
RETURN erasure.tenant AS tenant, erasure.id AS id
ORDER BY erasure.at, tenant, id
