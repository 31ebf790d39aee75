// Publish how engagement goes with staying in the whole shop.
// params:  tenant STRING, run STRING, retention STRING (JSON)
// returns: nothing
// needs:   the Run
// again:   sets the same
MATCH (run:Run {tenant: $tenant, id: $run})
SET run.retention = $retention
