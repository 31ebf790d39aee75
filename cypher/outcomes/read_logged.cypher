// Decisions whose places were left to chance, the newest, and what of them was clicked: of those alone who consent to be
// measured as of now; of the browsers that name a decision of theirs, of those alone that have not refused it.
// params:  tenant STRING, now ZONED DATETIME, since ZONED DATETIME, until ZONED DATETIME, scenario STRING or NULL (those that
//          named it alone), outcome_seconds INTEGER (so long after a decision a click counts), arrived_before ZONED DATETIME
//          (whom a public key brought later does not count yet), limit INTEGER, purposes LIST<STRING> (that must be consented
//          to), visited LIST<STRING> (channels where a decision is shown at once; in the others what was sent counts)
// returns: id STRING, identity_id STRING, at_ms INTEGER, product_ids, propensities, deterministic or NULL, candidate_ids or
//          NULL, candidate_scores or NULL, exploration or NULL, first_place or NULL, creative_ids or NULL,
//          creative_propensities or NULL, eligible_creatives or NULL as in decisions/write_decisions, clicked_ids
//          LIST<STRING> (products)
// needs:   the indexes decision_at and interaction_decision
MATCH (d:Decision {tenant: $tenant})
WHERE
  d.at >= $since
  AND d.at < $until
  AND ($scenario IS NULL OR d.scenario = $scenario)
  AND (d.candidate_ids IS NOT NULL OR d.creative_ids IS NOT NULL)
WITH d
ORDER BY d.at DESC
LIMIT $limit
MATCH (i:Identity)-[:RECEIVED]->(d)
WHERE
  coalesce(i.public_since <= $arrived_before, true)
  AND all(purpose IN $purposes WHERE
    COLLECT {
      MATCH (i)-[:GAVE]->(c:Consent {purpose: purpose})
      WHERE c.at <= $now OR c.status <> 'granted'
      RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
      ORDER BY c.counts_from DESC, live
      LIMIT 1
    } = [true])
CALL (i, d) {
  MATCH (x:Interaction {tenant: $tenant, decision_id: d.id})<-[:DID]-(by:Identity)
  WHERE
    x.at <= d.at + duration({seconds: $outcome_seconds})
    AND (by = i OR by.kind = 'anonymous' OR EXISTS { (i)-[:CLAIMED]->(x) })
    AND (
      by = i
      OR all(purpose IN $purposes WHERE
        COLLECT {
          MATCH (by)-[:GAVE]->(c:Consent {purpose: purpose})
          RETURN c.status
          ORDER BY c.counts_from DESC, c.status
          LIMIT 1
        } IN [[], ['granted']])
    )
  OPTIONAL MATCH (x)-[:OF]->(p:Product)
  RETURN
    collect(DISTINCT x.type) AS types,
    // What a click without a product was on is only known where one thing was shown.
    collect(CASE
      WHEN x.type <> 'click' THEN null
      WHEN p IS NULL AND size(d.product_ids) = 1 THEN d.product_ids[0]
      ELSE p.id
    END) AS clicked_ids
}
WITH i, d, types, clicked_ids
WHERE d.channel IN $visited OR 'sent' IN types
RETURN
  d.id AS id,
  i.id AS identity_id,
  d.at.epochMillis AS at_ms,
  d.product_ids AS product_ids,
  d.propensities AS propensities,
  d.deterministic AS deterministic,
  d.candidate_ids AS candidate_ids,
  d.candidate_scores AS candidate_scores,
  d.exploration AS exploration,
  d.first_place AS first_place,
  d.creative_ids AS creative_ids,
  d.creative_propensities AS creative_propensities,
  d.eligible_creatives AS eligible_creatives,
  clicked_ids
