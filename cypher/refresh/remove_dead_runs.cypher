// Remove the Run nodes of refreshes that died.
// params:  tenant STRING, run STRING (the one under way)
// returns: nothing
// needs:   what hung on them was removed
// again:   removes what is left
MATCH (dead:Run {tenant: $tenant})
WHERE dead.finished_at IS NULL AND dead.id <> $run
DETACH DELETE dead
