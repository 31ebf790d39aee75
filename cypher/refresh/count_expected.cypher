// How many of those that the active run learned from could be learned from still: who is there and has not withdrawn.
// A record counts whatever its time is, so that a clock that is behind withdraws nobody.
// params:  tenant STRING, now ZONED DATETIME
// returns: learners INTEGER; one row, 0 without an active run
// needs:   LEARNED_FROM, written by refresh/choose_learners
MATCH (:Run {tenant: $tenant, active: true})-[:LEARNED_FROM]->(i:Identity)
WHERE
  COLLECT {
    MATCH (i)-[:GAVE]->(c:Consent {purpose: 'model_training'})
    RETURN c.status <> 'granted' OR coalesce(c.expires_at <= $now, false) AS over
    ORDER BY c.at DESC, over DESC
    LIMIT 1
  } <> [true]
RETURN count(i) AS learners
