// Note on the receipts that waited for it which run took the place of the weights that were trained on the erased. One
// waits as long as a run is kept that began before it: the former may be made active again.
// params:  tenant STRING, run STRING, now ZONED DATETIME
// returns: nothing
// needs:   the run is active and what earlier runs derived is removed
// again:   finds those that are left
MATCH (run:Run {tenant: $tenant, id: $run})
MATCH (erasure:Erasure {tenant: $tenant})
WHERE
  erasure.id >= '' AND
  erasure.erased_at IS NOT NULL AND
  erasure.finished_at IS NULL AND
  erasure.at <= run.started_at AND
  NOT EXISTS {
    MATCH (former:Run {tenant: $tenant, active: false})
    WHERE former.former AND former.started_at < erasure.at
  }
SET
  erasure.waiting = [],
  erasure.finished_at = $now,
  erasure.finished_by = run.id
