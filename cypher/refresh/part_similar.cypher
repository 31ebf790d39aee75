// All that a product is similar to becomes one record; only what is nearest to it stays SIMILAR_TO.
// params:  tenant STRING, run STRING, nearest INTEGER (SIMILAR_TO that stay, the heaviest)
// returns: nothing
// needs:   refresh/write_similar
// again:   passes over products that are done
MATCH (run:Run {tenant: $tenant, id: $run})
MATCH (p:Product {tenant: $tenant})
WHERE NOT EXISTS { (p)-[:SPEAKS_IN]->(run) }
CALL (run, p) {
  MATCH (p)-[s:SIMILAR_TO]->(near)
  WHERE s.run = $run
  WITH run, p, s, near
  ORDER BY s.weight DESC, near.id
  WITH run, p, collect(s) AS similar, collect(near.id) AS ids, collect(s.weight) AS weights
  CREATE (p)-[:SPEAKS_IN {run: $run, product_ids: ids, weights: weights}]->(run)
  FOREACH (s IN similar[$nearest..] | DELETE s)
} IN TRANSACTIONS OF 500 ROWS
