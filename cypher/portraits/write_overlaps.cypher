// Say with which others a community shares members, and how many.
// params:  tenant STRING, run STRING, rows LIST<MAP> (from, to, members INTEGER)
// returns: nothing
// needs:   the communities of the run
UNWIND $rows AS row
MATCH (c:TasteCommunity {tenant: $tenant, id: row.from + '@' + $run})
MATCH (d:TasteCommunity {tenant: $tenant, id: row.to + '@' + $run})
CREATE (c)-[:OVERLAPS {run: $run, members: row.members}]->(d)
