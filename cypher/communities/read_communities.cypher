// The communities of the run whose figures stand; small ones too.
// params:  tenant STRING
// returns: id STRING, run STRING, label STRING or NULL, terms LIST<STRING>, size INTEGER or NULL (as published); by id, at most 5,000
// needs:   TasteCommunity, written by app/jobs/communities.py
MATCH (run:Run {tenant: $tenant, published: true})
MATCH (c:TasteCommunity {tenant: $tenant, run: run.id})
RETURN
  c.community AS id,
  c.run AS run,
  c.label AS label,
  coalesce(c.terms, []) AS terms,
  c.members AS size
ORDER BY id
LIMIT 5000
