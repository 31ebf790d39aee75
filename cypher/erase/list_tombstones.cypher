// All tombstones of the store, to be noted outside of it: the operator's view, keyed hashes only.
// params:  none
// returns: tenant STRING, erasure STRING or NULL, digests LIST<STRING>; one row per erasure, by tenant and erasure
// needs:   nothing
MATCH (grave:Tombstone)
RETURN grave.tenant AS tenant, grave.erasure AS erasure, collect(grave.id) AS digests
ORDER BY tenant, erasure
