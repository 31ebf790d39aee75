// Mark the identities that a run may learn from: those with a live model_training consent and any evidence; and which of
// them count in figures: those with events on two days whom a server knows, or a public key since long enough.
// params:  tenant STRING, run STRING, now ZONED DATETIME, decay_days FLOAT, arrived_before ZONED DATETIME (whom a public key
//          brought later does not count yet)
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
  WITH run, i, mean_weight,
    coalesce(i.public_since <= $arrived_before, true)
    AND COUNT { MATCH (i)-[:DID]->(x:Interaction) RETURN DISTINCT x.at.epochMillis / 86400000 AS day LIMIT 2 } = 2 AS counts
  CREATE (run)-[:LEARNED_FROM {mean_weight: mean_weight, counts: counts}]->(i)
  RETURN count(*) AS learners
}
RETURN learners
