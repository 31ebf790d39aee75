// What the members of a community like more than others do.
// params:  tenant STRING, run STRING, rows LIST<LIST> of [community id, LIST of products, LIST of weights]
// returns: nothing
// needs:   the communities of the run
UNWIND $rows AS row
MATCH (c:TasteCommunity {tenant: $tenant, id: row[0] + '@' + $run})
CALL (c, row) {
  UNWIND range(0, size(row[1]) - 1) AS place
  MATCH (p:Product {tenant: $tenant, id: row[1][place]})
  CREATE (c)-[:FAVOURS {run: $run, weight: row[2][place]}]->(p)
}
