// Who lets whom be compared with itself, of those that a run learns from: by a grant that holds for learning.
// params:  tenant STRING, run STRING, now ZONED DATETIME
// returns: giver STRING, taker_ids LIST<STRING>; one row a giver, by id
// needs:   LEARNED_FROM, written by refresh/choose_learners; GRANTED, by grants/give_grant
MATCH (run:Run {tenant: $tenant, id: $run})-[:LEARNED_FROM]->(giver:Identity)
WHERE
  EXISTS { (giver)-[:GRANTED]->() }
  AND COLLECT {
    MATCH (giver)-[:GAVE]->(c:Consent {purpose: 'household_share'})
    WHERE c.at <= $now OR c.status <> 'granted'
    RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
    ORDER BY c.counts_from DESC, live
    LIMIT 1
  } = [true]
MATCH (giver)-[g:GRANTED]->(taker:Identity)
WHERE
  'model_training' IN g.purposes
  AND g.at <= $now
  AND g.until > $now
  AND EXISTS { (run)-[:LEARNED_FROM]->(taker) }
WITH DISTINCT giver.id AS giver, taker.id AS taker
ORDER BY giver, taker
RETURN giver, collect(taker) AS taker_ids
ORDER BY giver
