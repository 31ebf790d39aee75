// Publish where the lines of each community's members are and where they go on to.
// params:  tenant STRING, run STRING, rows LIST<MAP> (community, flows STRING (JSON))
// returns: nothing
// needs:   the communities of the run
// again:   sets the same
UNWIND $rows AS row
MATCH (c:TasteCommunity {tenant: $tenant, id: row.community + '@' + $run})
SET c.journeys = row.flows
