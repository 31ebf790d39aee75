// How often each creative was shown in each taste community and taken there: by those alone who consent to be measured and
// to be learned from, as of now, so that whoever takes that back, or is erased, is in no number any more.
// params:  tenant STRING, now ZONED DATETIME, since ZONED DATETIME, purposes LIST<STRING> (that must be consented to, and that a
//          browser which names a decision must not have refused), visited LIST<STRING> (channels where a decision is shown at
//          once; in the others what was sent counts), bought MAP of decision id: LIST<STRING> (products of the orders that are
//          credited to it), limit INTEGER (decisions, the newest)
// returns: community STRING ('' for everybody), creative STRING, shown FLOAT, taken FLOAT (a decision counts 1, parted by how
//          much each community counted in it); one row a pair, none for what was pinned
// needs:   the indexes decision_at and interaction_decision
MATCH (d:Decision {tenant: $tenant})
WHERE d.at > $since AND d.creative_ids IS NOT NULL
WITH d
ORDER BY d.at DESC
LIMIT $limit
MATCH (i:Identity)-[:RECEIVED]->(d)
WHERE
  all(purpose IN $purposes WHERE
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
    (by = i OR by.kind = 'anonymous' OR EXISTS { (i)-[:CLAIMED]->(x) })
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
WITH d, types, clicked_ids + coalesce($bought[d.id], []) AS taken_ids
WHERE d.channel IN $visited OR 'sent' IN types OR size(taken_ids) > 0
UNWIND range(0, size(d.creative_ids) - 1) AS place
WITH d, taken_ids, place
WHERE NOT d.deterministic[place]
UNWIND range(0, size(d.community_ids) - 1) AS member
RETURN
  d.community_ids[member] AS community,
  d.creative_ids[place] AS creative,
  sum(d.community_weights[member]) AS shown,
  sum(CASE WHEN d.product_ids[place] IN taken_ids THEN d.community_weights[member] ELSE 0.0 END) AS taken
ORDER BY community, creative
