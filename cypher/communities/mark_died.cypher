// Say which communities of the active run are in the run under way no more; what a run that died itself said is taken back.
// params:  tenant STRING, run STRING, died LIST<STRING> (ids)
// returns: nothing
// needs:   nothing
// again:   sets the same
MATCH (active:Run {tenant: $tenant, active: true})
MATCH (before:TasteCommunity {tenant: $tenant, run: active.id})
SET before.died_in = CASE WHEN before.community IN $died THEN $run END
