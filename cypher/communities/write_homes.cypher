// Products at home in a community.
// params:  tenant STRING, run STRING, rows LIST<LIST> of [product, LIST of one community id, LIST of weights (unused)]
// returns: nothing
// needs:   the communities of the run
UNWIND $rows AS row
MATCH (p:Product {tenant: $tenant, id: row[0]})
MATCH (c:TasteCommunity {tenant: $tenant, id: row[1][0] + '@' + $run})
CREATE (p)-[:AT_HOME_IN {run: $run}]->(c)
