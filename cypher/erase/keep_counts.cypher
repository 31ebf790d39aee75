// Keep what went so far.
// params:  tenant STRING, id STRING, counts STRING (JSON)
// returns: nothing
// needs:   the lock of erase/lock_erasure in the same transaction
MATCH (erasure:Erasure {tenant: $tenant, id: $id})
SET erasure.counts = $counts
