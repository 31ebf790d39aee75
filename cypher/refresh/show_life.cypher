// Say that a run is still under way, and what it is at.
// params:  tenant STRING, run STRING, step STRING or NULL, share FLOAT or NULL (of the step, 0 to 1)
// returns: run STRING; one row, none when another refresh has removed the run
// needs:   the Run
// again:   sets the same
MATCH (run:Run {tenant: $tenant, id: $run})
SET
  run.alive_at = datetime.realtime(),
  run.step = $step,
  run.share = $share
RETURN run.id AS run
