// Publish how far influence is found in each community.
// params:  tenant STRING, run STRING, rows LIST<MAP> (community, influence STRING (JSON))
// returns: nothing
// needs:   the communities of the run
// again:   sets the same
UNWIND $rows AS row
MATCH (c:TasteCommunity {tenant: $tenant, id: row.community + '@' + $run})
SET c.influence = row.influence
