// One community of the active run with what was measured of it, its neighbours and what it came from.
// params:  tenant STRING, id STRING
// returns: id STRING, run STRING, label STRING or NULL, terms LIST<STRING>, properties MAP, run_at_ms INTEGER or NULL,
//          neighbours LIST<MAP> (id, label, size, shared; most first, at most 10), came_from LIST<MAP> (event, overlap,
//          before_id, before_size; most overlap first, at most 10); one row, none when there is no such community
// needs:   TasteCommunity, written by app/jobs/communities.py; its numbers and OVERLAPS, by app/jobs/portraits.py
MATCH (run:Run {tenant: $tenant, active: true})
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
    MATCH (c)-[o:OVERLAPS]->(d:TasteCommunity)
    WHERE o.run = run.id
    RETURN {id: d.community, label: d.label, size: d.size, shared: o.members}
    ORDER BY o.members DESC, d.community
    LIMIT 10
  } AS neighbours,
  COLLECT {
    MATCH (before:TasteCommunity)-[e:EVOLVED_TO]->(c)
    RETURN {event: e.event, overlap: e.overlap, before_id: before.community, before_size: before.size}
    ORDER BY e.overlap DESC, before.community
    LIMIT 10
  } AS came_from
LIMIT 1
