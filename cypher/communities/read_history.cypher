// One community in the runs that are still known, and what it came from in each.
// params:  tenant STRING, id STRING
// returns: id STRING, run STRING, label STRING or NULL, terms LIST<STRING>, properties MAP, run_at_ms INTEGER or NULL,
//          neighbours LIST<MAP> (none), came_from LIST<MAP> (event, overlap, before_id, before_size; most overlap first,
//          at most 10); latest run first, at most 20
// needs:   TasteCommunity and EVOLVED_TO, written by app/jobs/communities.py
MATCH (active:Run {tenant: $tenant, active: true})
MATCH (c:TasteCommunity {tenant: $tenant})
WHERE c.community = $id AND c.run <= active.id
OPTIONAL MATCH (run:Run {tenant: $tenant, id: c.run})
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
    RETURN {event: e.event, overlap: e.overlap, before_id: before.community, before_size: before.size}
    ORDER BY e.overlap DESC, before.community
    LIMIT 10
  } AS came_from
ORDER BY c.run DESC
LIMIT 20
