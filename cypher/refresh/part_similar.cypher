// All that a product is similar to becomes one record; only what is nearest to it stays SIMILAR_TO.
// params:  tenant STRING, run STRING, share FLOAT (of a product's weight that the nearest hold)
// returns: nothing
// needs:   refresh/write_similar
MATCH (run:Run {tenant: $tenant, id: $run})
MATCH (p:Product {tenant: $tenant})
CALL (run, p) {
  MATCH (p)-[s:SIMILAR_TO]->(near)
  WHERE s.run = $run
  WITH run, p, s, near
  ORDER BY s.weight DESC, near.id
  WITH run, p, collect(s) AS similar, collect(near.id) AS ids, collect(s.weight) AS weights, sum(s.weight) AS total
  // As in app/taste/values.py: one is near as long as what is heavier holds less than the share.
  WITH *, size([place IN range(0, size(ids) - 1)
    WHERE reduce(heavier = 0.0, weight IN weights[..place] | heavier + weight) < $share * total]) AS nearest
  CREATE (p)-[:SPEAKS_IN {run: $run, product_ids: ids, weights: weights, nearest: nearest}]->(run)
  FOREACH (s IN similar[nearest..] | DELETE s)
} IN TRANSACTIONS OF 500 ROWS
