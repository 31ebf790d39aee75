// What became of communities from one published run to the next: which stayed, grew, shrank, merged or split.
// look for: each column of the Table view is a run. An arrow between two of one id is a community that lived on; two arrows
//           into one are a merger, two out of one a split; one without an arrow into it was born. A run between two that
//           published nothing stands between them in the picture; only published figures choose what is shown.
// adapt:    tenant and the fewest members in the first line. After one refresh there is nothing to draw yet: run another.
// needs:    EVOLVED_TO between the TasteCommunity nodes of two runs and more (app/jobs/communities.py), two of them published
WITH 'demo' AS tenant, 50 AS least
MATCH (run:Run {tenant: tenant})
WHERE run.published_at IS NOT NULL
WITH tenant, least, collect(run.id) AS published
MATCH (now:TasteCommunity {tenant: tenant})
WHERE now.run IN published AND now.members >= least AND now.label IS NOT NULL
WITH least, published, now
ORDER BY now.run DESC, now.members DESC, now.id
LIMIT 60
MATCH path = (before:TasteCommunity)-[:EVOLVED_TO*1..7]->(now)
WHERE
  before.run IN published
  AND before.members >= least
  AND before.label IS NOT NULL
  AND none(between IN nodes(path)[1..-1] WHERE between.run IN published)
RETURN path
ORDER BY now.run DESC, length(path), before.id, now.id
LIMIT 30
