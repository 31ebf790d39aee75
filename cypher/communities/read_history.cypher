// One community each time that figures were published, and what it came from.
// params:  tenant STRING, id STRING
// returns: id STRING, run STRING, label STRING or NULL, terms LIST<STRING>, properties MAP, run_at_ms INTEGER or NULL,
//          neighbours LIST<MAP> (none), came_from LIST<MAP> (event, overlap, products, before_id; most overlap first, at
//          most 10), before INTEGER or NULL (its size as published the time before); latest first, at most 20
// needs:   TasteCommunity and EVOLVED_TO, written by app/jobs/communities.py
MATCH (run:Run {tenant: $tenant})
WHERE run.published_at IS NOT NULL
MATCH (c:TasteCommunity {tenant: $tenant, id: $id + '@' + run.id})
WITH run, c
ORDER BY run.published_at DESC
LIMIT 20
RETURN
  c.community AS id,
  c.run AS run,
  c.label AS label,
  coalesce(c.terms, []) AS terms,
  properties(c) AS properties,
  run.finished_at.epochMillis AS run_at_ms,
  [] AS neighbours,
  COLLECT {
    MATCH (before:TasteCommunity)-[e:EVOLVED_TO]->(c)
    RETURN {event: e.event, overlap: e.overlap, products: e.products, before_id: before.community}
    ORDER BY e.overlap DESC, before.community
    LIMIT 10
  } AS came_from,
  COLLECT {
    MATCH (former:Run {tenant: $tenant})
    WHERE former.published_at < run.published_at
    MATCH (before:TasteCommunity {tenant: $tenant, id: c.community + '@' + former.id})
    RETURN before.members
    ORDER BY former.published_at DESC
    LIMIT 1
  }[0] AS before
ORDER BY run_at_ms DESC
