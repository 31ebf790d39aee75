// One community and the microgenres that it is associated with: which products stand between them, and who makes them.
// look for: a product that FAVOURS and IN_GENRE both lead to is where the match shows. The same microgenre holds brands that
//           the community hardly knows: they are its niches (GET /v1/brands/{brand_id}/niches).
// adapt:    tenant and community in the first line; `plural communities` lists them.
// needs:    a refresh that published figures, its Run with MATCHES, FAVOURS and IN_GENRE (app/jobs/communities.py, app/jobs/microgenres.py)
WITH 'demo' AS tenant, 'c1' AS community, 50 AS least
MATCH (run:Run {tenant: tenant, published: true})
MATCH (c:TasteCommunity {tenant: tenant, id: community + '@' + run.id})
WHERE c.members >= least AND c.label IS NOT NULL
CALL (run, least, c) {
  MATCH (c)-[m:MATCHES]->(g:MicroGenre)
  WHERE m.run = run.id AND m.support >= least AND m.low > 1 AND g.label IS NOT NULL
  RETURN m, g
  ORDER BY m.lift DESC, g.id
  LIMIT 4
}
CALL (run, c, g) {
  MATCH (c)-[favours:FAVOURS]->(p:Product)-[in:IN_GENRE]->(g)
  WHERE favours.run = run.id AND in.run = run.id
  WITH favours, p, in
  ORDER BY favours.weight DESC, p.id
  LIMIT 6
  OPTIONAL MATCH made = (p)-[:MADE_BY]->(:Brand)
  RETURN favours, p, in, made
}
RETURN c, m, g, favours, p, in, made
LIMIT 60
