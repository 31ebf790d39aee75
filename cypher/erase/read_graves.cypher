// The tombstones that an erasure has put up.
// params:  tenant STRING, erasure STRING
// returns: id STRING (keyed hash); one row per tombstone, ordered by id
// needs:   nothing
MATCH (grave:Tombstone {tenant: $tenant})
WHERE grave.id >= '' AND grave.erasure = $erasure
RETURN grave.id AS id
ORDER BY id
