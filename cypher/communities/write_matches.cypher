// Publish how much more of a microgenre or brand a community likes than everybody does.
// params:  tenant STRING, run STRING, rows LIST<MAP> (community, genre or NULL, brand or NULL (ids, one of the two), lift
//          FLOAT, low FLOAT, high FLOAT (95 % interval), support INTEGER (members who like something of it))
// returns: nothing
// needs:   the communities and microgenres of the run
UNWIND $rows AS row
MATCH (c:TasteCommunity {tenant: $tenant, id: row.community + '@' + $run})
OPTIONAL MATCH (g:MicroGenre {tenant: $tenant, id: row.genre + '@' + $run})
OPTIONAL MATCH (b:Brand {tenant: $tenant, id: row.brand})
WITH c, row, coalesce(g, b) AS target
WHERE target IS NOT NULL
CREATE (c)-[:MATCHES {run: $run, lift: row.lift, low: row.low, high: row.high, support: row.support}]->(target)
