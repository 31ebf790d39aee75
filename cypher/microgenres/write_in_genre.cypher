// Products in the microgenres of a run, the best one marked as the first.
// params:  tenant STRING, run STRING, rows LIST<LIST> of [product, LIST of microgenre ids, LIST of weights]
// returns: nothing
// needs:   the microgenres of the run
UNWIND $rows AS row
MATCH (p:Product {tenant: $tenant, id: row[0]})
CALL (p, row) {
  UNWIND range(0, size(row[1]) - 1) AS place
  MATCH (g:MicroGenre {tenant: $tenant, id: row[1][place] + '@' + $run})
  CREATE (p)-[:IN_GENRE {
    run: $run,
    weight: row[2][place],
    first: none(other IN range(0, size(row[1]) - 1)
      WHERE row[2][other] > row[2][place] OR (row[2][other] = row[2][place] AND other < place))
  }]->(g)
}
