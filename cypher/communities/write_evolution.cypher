// What became of the communities of the active run in the run under way.
// params:  tenant STRING, run STRING, rows LIST<MAP> (old, new (ids), event STRING, overlap FLOAT (share
//          of the products of both that are in both), products INTEGER (of both))
// returns: nothing
// needs:   the communities of both runs
MATCH (active:Run {tenant: $tenant, active: true})
UNWIND $rows AS row
MATCH (before:TasteCommunity {tenant: $tenant, id: row.old + '@' + active.id})
MATCH (now:TasteCommunity {tenant: $tenant, id: row.new + '@' + $run})
CREATE (before)-[:EVOLVED_TO {run: $run, event: row.event, overlap: row.overlap, products: row.products}]->(now)
