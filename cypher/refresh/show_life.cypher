// Say that a run is still under way.
// params:  tenant STRING, run STRING
// returns: run STRING; one row, none when another refresh has removed the run
// needs:   the Run
// again:   sets the same
MATCH (run:Run {tenant: $tenant, id: $run})
SET run.alive_at = datetime.realtime()
RETURN run.id AS run
