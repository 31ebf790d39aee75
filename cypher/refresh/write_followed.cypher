// What those like whom an identity follows, as FOLLOWED_LIKE of a run; only what several of them like.
// params:  tenant STRING, run STRING, rows LIST<LIST> of [identity, LIST of products, LIST of weights]
// returns: nothing
// needs:   nothing
UNWIND $rows AS row
MATCH (i:Identity {tenant: $tenant, id: row[0]})
CALL (i, row) {
  UNWIND range(0, size(row[1]) - 1) AS place
  MATCH (p:Product {tenant: $tenant, id: row[1][place]})
  CREATE (i)-[:FOLLOWED_LIKE {run: $run, weight: row[2][place]}]->(p)
}
