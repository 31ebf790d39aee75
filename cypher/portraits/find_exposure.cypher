// How exposed the shop is to what several identities use, as the run published it whose figures stand.
// params:  tenant STRING
// returns: exposure STRING or NULL (JSON); one row, none before any figures were published
// needs:   portraits/write_exposure
MATCH (run:Run {tenant: $tenant, published: true})
RETURN run.exposure AS exposure
LIMIT 1
