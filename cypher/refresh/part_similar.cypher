// What is further from a product than its nearest becomes LESS_SIMILAR_TO, so that long histories need not walk it.
// params:  tenant STRING, run STRING, share FLOAT (of a product's weight that the nearest hold)
// returns: nothing
// needs:   refresh/write_similar
MATCH (p:Product {tenant: $tenant})
CALL (p) {
  MATCH (p)-[s:SIMILAR_TO]->(near)
  WHERE s.run = $run
  WITH p, s, near
  ORDER BY s.weight DESC, near.id
  WITH p, collect(s) AS similar, collect(near) AS nears, sum(s.weight) AS total
  // As in app/taste/values.py: an edge is near as long as what is heavier holds less than the share.
  UNWIND range(0, size(similar) - 1) AS place
  WITH p, total, similar[place] AS s, nears[place] AS near,
    reduce(heavier = 0.0, other IN similar[..place] | heavier + other.weight) AS heavier
  WHERE heavier >= $share * total
  CREATE (p)-[:LESS_SIMILAR_TO {run: s.run, weight: s.weight}]->(near)
  DELETE s
} IN TRANSACTIONS OF 500 ROWS
