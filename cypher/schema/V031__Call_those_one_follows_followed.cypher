// The source of what those like whom one follows was called peers.
MATCH (run:Run)
WHERE run.blend_peers IS NOT NULL
CALL (run) {
  SET run.blend_followed = run.blend_peers
  REMOVE run.blend_peers
} IN TRANSACTIONS OF 1000 ROWS;
MATCH (follower:Identity)-[old:PEERS_LIKE]->(p:Product)
CALL (follower, old, p) {
  CREATE (follower)-[:FOLLOWED_LIKE {run: old.run, weight: old.weight}]->(p)
  DELETE old
} IN TRANSACTIONS OF 10000 ROWS;
MATCH (d:Decision)
WHERE 'peers' IN d.sources
CALL (d) {
  SET d.sources = [source IN d.sources | CASE source WHEN 'peers' THEN 'followed' ELSE source END]
} IN TRANSACTIONS OF 10000 ROWS;
MATCH (:Identity)-[planned:PLANNED_IN]->(:Plan)
WHERE 'peers' IN planned.sources
CALL (planned) {
  SET planned.sources = [source IN planned.sources | CASE source WHEN 'peers' THEN 'followed' ELSE source END]
} IN TRANSACTIONS OF 10000 ROWS;
MATCH (s:Scenario)
WHERE s.fields CONTAINS '"peers"'
CALL (s) {
  SET s.fields = replace(s.fields, '"peers"', '"followed"')
} IN TRANSACTIONS OF 1000 ROWS;
