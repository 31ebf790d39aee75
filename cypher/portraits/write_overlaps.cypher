// Publish with which others a community shares members, and which share of its own.
// params:  tenant STRING, run STRING, rows LIST<MAP> (from, to, members INTEGER (of both), shared LIST<FLOAT> (value,
//          low, high, n))
// returns: nothing
// needs:   the communities of the run
UNWIND $rows AS row
MATCH (c:TasteCommunity {tenant: $tenant, id: row.from + '@' + $run})
MATCH (d:TasteCommunity {tenant: $tenant, id: row.to + '@' + $run})
CREATE (c)-[:OVERLAPS {run: $run, members: row.members, shared: row.shared}]->(d)
