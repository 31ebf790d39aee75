// Erasures whose list is not worked off yet, e.g. because the process was killed.
// params:  tenant STRING
// returns: id STRING; oldest first
// needs:   nothing
MATCH (erasure:Erasure {tenant: $tenant})
WHERE erasure.id >= '' AND erasure.erased_at IS NULL
RETURN erasure.id AS id
ORDER BY erasure.at, id
