// The most popular products of every brand.
// params:  tenant STRING, run STRING, per_list INTEGER
// returns: nothing
// needs:   Product.popularity, written by refresh/score_products
// again:   passes over brands that are done
MATCH (b:Brand {tenant: $tenant})
WHERE
  NOT EXISTS {
    MATCH (b)-[done:POPULAR]->()
    WHERE done.run = $run
  }
CALL (b) {
  MATCH (b)<-[:MADE_BY]-(p:Product)
  WHERE p.popularity > 0
  WITH b, p
  ORDER BY p.popularity DESC, p.id
  LIMIT $per_list
  CREATE (b)-[:POPULAR {run: $run, score: p.popularity}]->(p)
} IN TRANSACTIONS OF 500 ROWS
