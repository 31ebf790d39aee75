// Mark the identities that a run may learn from: those with a live model_training consent and any evidence.
// params:  tenant STRING, run STRING, now ZONED DATETIME, decay_days FLOAT
// returns: learners INTEGER; one row
// needs:   the Run
MATCH (run:Run {tenant: $tenant, id: $run})
CALL (run) {
  MATCH (i:Identity {tenant: $tenant})
  WHERE
    COLLECT {
      MATCH (i)-[:GAVE]->(c:Consent {purpose: 'model_training'})
      WHERE c.at <= $now
      RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
      ORDER BY c.at DESC, live
      LIMIT 1
    } = [true]
  MATCH (i)-[l:LIKES]->(:Product)
  WITH run, i, avg(l.weight * exp((l.last_at.epochMillis - $now.epochMillis) / 86400000.0 / $decay_days)) AS mean_weight
  WHERE mean_weight > 0
  CREATE (run)-[:LEARNED_FROM {mean_weight: mean_weight}]->(i)
  RETURN count(*) AS learners
}
RETURN learners
