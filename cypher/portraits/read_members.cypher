// Who belongs to which community how strongly, of those that a run learns from.
// params:  tenant STRING, run STRING
// returns: identity_id STRING, counts BOOLEAN (in figures), communities LIST<STRING>, strengths LIST<FLOAT>; by identity_id
// needs:   LEARNED_FROM, written by refresh/choose_learners; MEMBER_OF of the run
MATCH (:Run {tenant: $tenant, id: $run})-[learned:LEARNED_FROM]->(i:Identity)-[m:MEMBER_OF]->(c:TasteCommunity)
WHERE m.run = $run
WITH i, learned, c, m
ORDER BY c.community
RETURN
  i.id AS identity_id,
  coalesce(learned.counts, false) AS counts,
  collect(c.community) AS communities,
  collect(m.strength) AS strengths
ORDER BY identity_id
