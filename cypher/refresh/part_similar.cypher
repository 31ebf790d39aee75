// What is further from a product than its nearest becomes LESS_SIMILAR_TO, so that long histories need not walk it.
// params:  tenant STRING, run STRING, nearest INTEGER
// returns: nothing
// needs:   refresh/write_similar
MATCH (p:Product {tenant: $tenant})
CALL (p) {
  MATCH (p)-[s:SIMILAR_TO]->(near)
  WHERE s.run = $run
  WITH p, s, near
  ORDER BY s.weight DESC, near.id
  SKIP $nearest
  CREATE (p)-[:LESS_SIMILAR_TO {run: s.run, weight: s.weight}]->(near)
  DELETE s
} IN TRANSACTIONS OF 500 ROWS
