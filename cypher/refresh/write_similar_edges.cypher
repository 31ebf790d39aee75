// The products that are nearest to one, as edges of a run.
// params:  tenant STRING, run STRING, rows LIST<LIST> of [from, LIST of to, LIST of weights]
// returns: nothing
// needs:   nothing
UNWIND $rows AS row
MATCH (a:Product {tenant: $tenant, id: row[0]})
CALL (a, row) {
  UNWIND range(0, size(row[1]) - 1) AS place
  MATCH (b:Product {tenant: $tenant, id: row[1][place]})
  CREATE (a)-[:SIMILAR_TO {run: $run, weight: row[2][place]}]->(b)
}
