// Remove the Run node of a run that came to nothing.
// params:  tenant STRING, run STRING
// returns: nothing
// needs:   what hung on it was removed
// again:   finds none any more
MATCH (run:Run {tenant: $tenant, id: $run})
WHERE run.finished_at IS NULL
DETACH DELETE run
