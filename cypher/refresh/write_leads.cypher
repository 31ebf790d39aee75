// Who leads whom in a run: inputs of sums over many, and never shown. Of those alone who still let themselves be learned
// from and are still tied, whatever was said since the run began.
// params:  tenant STRING, run STRING, now ZONED DATETIME, rows LIST<LIST> of [leader, follower, excess, low, high, lag_days,
//          n]
// returns: nothing
// needs:   LEARNED_FROM, written by refresh/choose_learners
UNWIND $rows AS row
MATCH (run:Run {tenant: $tenant, id: $run})-[:LEARNED_FROM]->(a:Identity {tenant: $tenant, id: row[0]})
WHERE
  COLLECT {
    MATCH (a)-[:GAVE]->(c:Consent {purpose: 'model_training'})
    WHERE c.at <= $now OR c.status <> 'granted'
    RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
    ORDER BY c.counts_from DESC, live
    LIMIT 1
  } = [true]
MATCH (run)-[:LEARNED_FROM]->(b:Identity {tenant: $tenant, id: row[1]})
WHERE
  COLLECT {
    MATCH (b)-[:GAVE]->(c:Consent {purpose: 'model_training'})
    WHERE c.at <= $now OR c.status <> 'granted'
    RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
    ORDER BY c.counts_from DESC, live
    LIMIT 1
  } = [true]
  AND (EXISTS { (b)-[:FOLLOWS]->(a) } OR EXISTS { (a)-[:GRANTED]->(b) })
CREATE (a)-[:LEADS {
  run: $run,
  excess: row[2],
  low: row[3],
  high: row[4],
  lag_days: row[5],
  n: row[6]
}]->(b)
