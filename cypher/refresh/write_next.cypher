// What people come to after each product in a run: the heaviest weights as one record, heaviest first.
// params:  tenant STRING, run STRING, rows LIST<LIST> of [product, LIST of products, LIST of weights], heaviest first
// returns: nothing
// needs:   the Run
MATCH (run:Run {tenant: $tenant, id: $run})
UNWIND $rows AS row
MATCH (p:Product {tenant: $tenant, id: row[0]})
CREATE (p)-[:LEADS_ON_IN {
  run: $run,
  product_ids: row[1],
  weights: row[2]
}]->(run)
