// How much deals and trends move the members of a run's communities.
// params:  tenant STRING, run STRING, rows LIST<MAP> (community, figures MAP of FLOAT and INTEGER)
// returns: nothing
// needs:   the TasteCommunity nodes of the run
// again:   sets the same
UNWIND $rows AS row
MATCH (c:TasteCommunity {tenant: $tenant, id: row.community + '@' + $run})
SET c += row.figures
