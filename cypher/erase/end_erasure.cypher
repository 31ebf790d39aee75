// Note that nothing is left on an erasure's list.
// params:  tenant STRING, id STRING, at ZONED DATETIME, waiting LIST<STRING> (relationship types)
// returns: nothing
// needs:   the lock of erase/lock_erasure in the same transaction
MATCH (erasure:Erasure {tenant: $tenant, id: $id})
SET
  erasure.erased_at = $at,
  erasure.waiting = $waiting,
  erasure.finished_at = CASE WHEN size($waiting) = 0 THEN $at END
