// Write down how a proposal was decided, or that it is open again.
// params:  tenant STRING, id STRING, status STRING, at ZONED DATETIME or NULL
// returns: nothing
// needs:   the lock of links/lock_links in the same transaction
MATCH (:Identity {tenant: $tenant})-[r:MAY_BE {id: $id}]->(:Identity {tenant: $tenant})
USING INDEX r:MAY_BE(id)
SET
  r.status = $status,
  r.decided_at = $at
