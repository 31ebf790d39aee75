// The most popular products of every tag.
// params:  tenant STRING, run STRING, per_list INTEGER
// returns: nothing
// needs:   Product.popularity, written by refresh/score_products
// again:   passes over tags that are done
MATCH (t:Tag {tenant: $tenant})
WHERE
  NOT EXISTS {
    MATCH (t)-[done:POPULAR]->()
    WHERE done.run = $run
  }
CALL (t) {
  MATCH (t)<-[:TAGGED]-(p:Product)
  WHERE p.popularity > 0
  WITH t, p
  ORDER BY p.popularity DESC, p.id
  LIMIT $per_list
  CREATE (t)-[:POPULAR {run: $run, score: p.popularity}]->(p)
} IN TRANSACTIONS OF 500 ROWS
