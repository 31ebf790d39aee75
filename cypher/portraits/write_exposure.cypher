// Publish how exposed the shop is to what several identities use.
// params:  tenant STRING, run STRING, exposure STRING (JSON)
// returns: nothing
// needs:   the Run
// again:   sets the same
MATCH (run:Run {tenant: $tenant, id: $run})
SET run.exposure = $exposure
