// Publish how engagement goes with staying in each community.
// params:  tenant STRING, run STRING, rows LIST<MAP> (community, retention STRING (JSON))
// returns: nothing
// needs:   the communities of the run
// again:   sets the same
UNWIND $rows AS row
MATCH (c:TasteCommunity {tenant: $tenant, id: row.community + '@' + $run})
SET c.retention = row.retention
