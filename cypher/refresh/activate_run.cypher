// Flip the pointer: from this commit on, readers see the new run and nothing of the old one, which is the former now.
// params:  tenant STRING, run STRING, now ZONED DATETIME, metrics STRING (JSON), published_at ZONED DATETIME or NULL (it
//          published figures, as of then; those of another run stand on else), k INTEGER (that they stand for)
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
CALL (run) {
  WITH run
  WHERE $published_at IS NOT NULL
  OPTIONAL MATCH (old:Run {tenant: $tenant, published: true})
  SET old.published = false
  WITH DISTINCT run
  SET
    run.published = true,
    run.published_at = $published_at,
    run.k = $k
}
RETURN run.id AS run
