// Flip the pointer: from this commit on, readers see the new run and nothing of the old one.
// params:  tenant STRING, run STRING, now ZONED DATETIME, metrics STRING (JSON)
// returns: nothing
// needs:   everything that the run derives
MATCH (run:Run {tenant: $tenant, id: $run})
CALL () {
  MATCH (old:Run {tenant: $tenant, active: true})
  SET old.active = false
}
SET
  run.active = true,
  run.finished_at = $now,
  run.metrics = $metrics
