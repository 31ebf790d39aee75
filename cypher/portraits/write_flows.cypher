// Publish where the lines of the whole shop are and where they go on to.
// params:  tenant STRING, run STRING, flows STRING (JSON)
// returns: nothing
// needs:   the Run
// again:   sets the same
MATCH (run:Run {tenant: $tenant, id: $run})
SET run.journeys = $flows
