// What communities by the figures that stand buy more often than elsewhere: microgenres and brands.
// params:  tenant STRING, community_id STRING or NULL, genre_id STRING or NULL, brand_id STRING or NULL (each narrows)
// returns: community_id STRING, community_label STRING or NULL, kind STRING (microgenre, brand),
//          id STRING, label STRING, lift FLOAT, low FLOAT, high FLOAT, support INTEGER; by community, kind and id, at
//          most 20,000
// needs:   MATCHES, written by app/jobs/communities.py; GenreName, written by microgenres/name_genre
MATCH (run:Run {tenant: $tenant, published: true})
MATCH (c:TasteCommunity {tenant: $tenant, run: run.id})-[m:MATCHES]->(target:MicroGenre|Brand)
WHERE
  m.run = run.id
  AND ($community_id IS NULL OR c.community = $community_id)
  AND ($genre_id IS NULL OR (target:MicroGenre AND target.genre = $genre_id))
  AND ($brand_id IS NULL OR (target:Brand AND target.id = $brand_id))
OPTIONAL MATCH (given:GenreName {tenant: $tenant, id: target.genre})
WITH c, m, target, given, CASE WHEN target:MicroGenre THEN 'microgenre' ELSE 'brand' END AS kind
RETURN
  c.community AS community_id,
  c.label AS community_label,
  kind,
  coalesce(target.genre, target.id) AS id,
  coalesce(given.name, target.label, target.name, target.id) AS label,
  m.lift AS lift,
  m.low AS low,
  m.high AS high,
  m.support AS support
ORDER BY community_id, kind, id
LIMIT 20000
