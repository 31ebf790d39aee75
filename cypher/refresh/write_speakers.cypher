// What each product says of others in a run: all of it as one record, heaviest first; the first are its SIMILAR_TO.
// params:  tenant STRING, run STRING, rows LIST<LIST> of [product, LIST of products, LIST of weights], heaviest first
// returns: nothing
// needs:   the run's SIMILAR_TO of these products (refresh/write_similar_edges)
MATCH (run:Run {tenant: $tenant, id: $run})
UNWIND $rows AS row
MATCH (p:Product {tenant: $tenant, id: row[0]})
CREATE (p)-[:SPEAKS_IN {
  run: $run,
  product_ids: row[1],
  weights: row[2],
  nearest: COUNT { MATCH (p)-[s:SIMILAR_TO]->() WHERE s.run = $run }
}]->(run)
