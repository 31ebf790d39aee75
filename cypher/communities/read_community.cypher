// One community of the run whose figures stand, with what was published of it, its neighbours and what it came from.
// params:  tenant STRING, id STRING
// returns: id STRING, run STRING, label STRING or NULL, terms LIST<STRING>, properties MAP, run_at_ms INTEGER or NULL,
//          before INTEGER or NULL (its size as published the time before), neighbours LIST<MAP> (id, label, shared
//          LIST<FLOAT> (value, low, high, n); largest first, at most 10), came_from LIST<MAP> (event, overlap, products,
//          before_id; most overlap first, at most 10); one row, none when there is no such community
// needs:   TasteCommunity, written by app/jobs/communities.py; its numbers and OVERLAPS, by app/jobs/portraits.py
MATCH (run:Run {tenant: $tenant, published: true})
MATCH (c:TasteCommunity {tenant: $tenant, run: run.id})
WHERE c.community = $id
RETURN
  c.community AS id,
  c.run AS run,
  c.label AS label,
  coalesce(c.terms, []) AS terms,
  properties(c) AS properties,
  run.finished_at.epochMillis AS run_at_ms,
  COLLECT {
    MATCH (former:Run {tenant: $tenant})
    WHERE former.published_at < run.published_at
    MATCH (before:TasteCommunity {tenant: $tenant, id: c.community + '@' + former.id})
    RETURN before.members
    ORDER BY former.published_at DESC
    LIMIT 1
  }[0] AS before,
  COLLECT {
    MATCH (c)-[o:OVERLAPS]->(d:TasteCommunity)
    WHERE o.run = run.id
    RETURN {id: d.community, label: d.label, shared: o.shared}
    ORDER BY o.shared[0] DESC, d.community
    LIMIT 10
  } AS neighbours,
  COLLECT {
    MATCH (before:TasteCommunity)-[e:EVOLVED_TO]->(c)
    RETURN {event: e.event, overlap: e.overlap, products: e.products, before_id: before.community}
    ORDER BY e.overlap DESC, before.community
    LIMIT 10
  } AS came_from
LIMIT 1
