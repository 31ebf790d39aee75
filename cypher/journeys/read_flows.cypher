// Where the lines of the whole shop are and where they go on to, as the run published it whose figures stand.
// params:  tenant STRING
// returns: flows STRING or NULL (JSON); one row, none before any figures were published
// needs:   portraits/write_flows
MATCH (run:Run {tenant: $tenant, published: true})
RETURN run.journeys AS flows
LIMIT 1
