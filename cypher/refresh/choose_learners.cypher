// Mark the identities that a run may learn from: those with a live model_training consent and any evidence; and which of
// them count in figures: those with events on two days whom a server knows, or a public key since long enough.
// params:  tenant STRING, run STRING, now ZONED DATETIME, decay_days FLOAT, arrived_before ZONED DATETIME (whom a public key
//          brought later does not count yet)
// returns: learners INTEGER; one row
// needs:   the Run
// again:   finds those that it chose
MATCH (run:Run {tenant: $tenant, id: $run})
MATCH (i:Identity {tenant: $tenant})
WHERE
  COLLECT {
    MATCH (i)-[:GAVE]->(c:Consent {purpose: 'model_training'})
    WHERE c.at <= $now OR c.status <> 'granted'
    RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
    ORDER BY c.counts_from DESC, live
    LIMIT 1
  } = [true]
// In parts: an identity that is written to waits for its part alone, and a deadlock costs no more than that.
CALL (run, i) {
  MATCH (i)-[l:LIKES]->(:Product)
  WITH run, i, l, l.last_at.epochMillis - $now.epochMillis AS ahead_ms
  WITH run, i,
    avg(l.weight * exp(CASE WHEN ahead_ms < 0 THEN ahead_ms ELSE 0 END / 86400000.0 / $decay_days)) AS mean_weight
  WHERE mean_weight > 0
  WITH run, i, mean_weight,
    coalesce(i.public_since <= $arrived_before, true)
    AND COUNT { MATCH (i)-[:DID]->(x:Interaction) RETURN DISTINCT x.at.epochMillis / 86400000 AS day LIMIT 2 } = 2 AS counts
  MERGE (run)-[learned:LEARNED_FROM]->(i)
  SET
    learned.mean_weight = mean_weight,
    learned.counts = counts
  RETURN count(*) AS chosen
} IN TRANSACTIONS OF 1000 ROWS
RETURN sum(chosen) AS learners
