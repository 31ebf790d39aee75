// Flip the pointer: from this commit on, readers see the new run and nothing of the old one, which is the former now.
// params:  tenant STRING, run STRING, now ZONED DATETIME, metrics STRING (JSON)
// returns: run STRING; one row, none when the run is there no more
// needs:   everything that the run derives
// again:   sets the same
MATCH (run:Run {tenant: $tenant, id: $run})
CALL (run) {
  MATCH (old:Run {tenant: $tenant, active: true})
  SET
    old.active = false,
    old.former = old <> run
}
SET
  run.active = true,
  run.finished_at = $now,
  run.metrics = $metrics
RETURN run.id AS run
