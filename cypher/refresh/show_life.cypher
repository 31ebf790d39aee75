// Say that a run is still under way.
// params:  tenant STRING, run STRING
// returns: nothing
// needs:   the Run
// again:   sets the same
MATCH (run:Run {tenant: $tenant, id: $run})
SET run.alive_at = datetime.realtime()
