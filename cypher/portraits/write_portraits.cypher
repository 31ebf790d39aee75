// Publish the portrait of each community on its node.
// params:  tenant STRING, run STRING, rows LIST<MAP> (community, properties MAP)
// returns: nothing
// needs:   the communities of the run
// again:   sets the same
UNWIND $rows AS row
MATCH (c:TasteCommunity {tenant: $tenant, id: row.community + '@' + $run})
SET c += row.properties
