// Publish how many of a community buy a brand, how many were to be expected, and what of the brand they buy.
// params:  tenant STRING, run STRING, rows LIST<MAP> (community, brand_id, properties MAP)
// returns: nothing
// needs:   the communities of the run
UNWIND $rows AS row
MATCH (c:TasteCommunity {tenant: $tenant, id: row.community + '@' + $run})
MATCH (b:Brand {tenant: $tenant, id: row.brand_id})
CREATE (c)-[buys:BUYS {run: $run}]->(b)
SET buys += row.properties
