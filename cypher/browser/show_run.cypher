// What one run derived: whom it learned from, what is popular in the whole shop and by category, what has a rhythm.
// look for: LEARNED_FROM leads only to identities with a live model_training consent. From the most popular products
//           the eye goes on to what else is popular in their category. Those with REPURCHASED are what people come
//           back for: they are offered again when they are due.
// adapt:    tenant in the first line; another facet of tags, e.g. department; the LIMITs.
//           `:config autoComplete: false` first: it keeps Browser from adding every edge between these products.
// needs:    an active Run (refresh/activate_run) with LEARNED_FROM, POPULAR and REPURCHASED
WITH 'demo' AS tenant
MATCH (run:Run {tenant: tenant, active: true})
CALL (run) {
  MATCH (run)-[popular:POPULAR]->(p:Product)
  WITH p
  ORDER BY popular.score DESC, p.id
  LIMIT 8
  RETURN collect(p) AS best
}
CALL (run, best) {
  MATCH path = (run)-[:LEARNED_FROM]->(i:Identity)
  RETURN path
  ORDER BY i.kind, i.id
  LIMIT 6
  UNION
  UNWIND best AS p
  MATCH path = (run)-[:POPULAR]->(p)
  RETURN path
  UNION
  UNWIND best AS p
  MATCH (p)-[:TAGGED]->(t:Tag {facet: 'category'})
  WITH DISTINCT run, t
  CALL (run, t) {
    MATCH path = (t)-[popular:POPULAR {run: run.id}]->(other:Product)
    RETURN path
    ORDER BY popular.score DESC, other.id
    LIMIT 4
  }
  RETURN path
  UNION
  MATCH path = (run)<-[rhythm:REPURCHASED]-(p:Product)
  RETURN path
  ORDER BY rhythm.share DESC, p.id
  LIMIT 8
}
RETURN path
LIMIT 100
