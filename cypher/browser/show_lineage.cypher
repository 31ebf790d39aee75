// What became of communities from run to run: which stayed, grew, shrank, merged or split.
// look for: each column of the Table view is a run. An arrow between two of one id is a community that lived on; two arrows
//           into one are a merger, two out of one a split; one without an arrow into it was born.
// adapt:    tenant and the fewest members in the first line. After one refresh there is nothing to draw yet: run another.
// needs:    EVOLVED_TO between the TasteCommunity nodes of two runs and more (app/jobs/communities.py)
WITH 'demo' AS tenant, 50 AS least
MATCH (active:Run {tenant: tenant, active: true})
MATCH (now:TasteCommunity {tenant: tenant})
WHERE now.run <= active.id AND now.size >= least AND now.label IS NOT NULL
WITH least, now
ORDER BY now.run DESC, now.size DESC, now.id
LIMIT 60
MATCH path = (before:TasteCommunity)-[e:EVOLVED_TO]->(now)
WHERE before.size >= least AND before.label IS NOT NULL
RETURN path
ORDER BY now.run DESC, e.overlap DESC, before.id, now.id
LIMIT 30
