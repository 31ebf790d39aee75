// What a product says of others becomes one record, SPEAKS_IN; only what is nearest to it stays an edge.
// Broken off half way it may begin anew: who speaks already is left alone.
MATCH (run:Run {active: true})
MATCH (p:Product {tenant: run.tenant})
WHERE NOT EXISTS { (p)-[:SPEAKS_IN]->(run) }
CALL (run, p) {
  MATCH (p)-[s:SIMILAR_TO|LESS_SIMILAR_TO]->(near)
  WHERE s.run = run.id
  WITH run, p, s, near
  ORDER BY type(s) DESC, s.weight DESC, near.id
  WITH run, p, collect(near.id) AS ids, collect(s.weight) AS weights,
    count(CASE WHEN type(s) = 'SIMILAR_TO' THEN 1 END) AS nearest
  CREATE (p)-[:SPEAKS_IN {run: run.id, product_ids: ids, weights: weights, nearest: nearest}]->(run)
} IN TRANSACTIONS OF 1000 ROWS;
MATCH ()-[old:LESS_SIMILAR_TO]->()
CALL (old) {
  DELETE old
} IN TRANSACTIONS OF 50000 ROWS;
