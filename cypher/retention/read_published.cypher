// How engagement goes with staying in the whole shop, as the run published it whose figures stand.
// params:  tenant STRING
// returns: run STRING, retention STRING or NULL (JSON); one row, none before any figures were published
// needs:   portraits/write_retention
MATCH (run:Run {tenant: $tenant, published: true})
RETURN run.id AS run, run.retention AS retention
LIMIT 1
