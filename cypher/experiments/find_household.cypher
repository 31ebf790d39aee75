// The household identity with which an identity shares by its own will: it granted it something, and consents to that.
// params:  tenant STRING, identity_id STRING, now ZONED DATETIME
// returns: id STRING; one row, none for whoever shares with no household
// needs:   GRANTED, written by grants/give_grant
MATCH (i:Identity {tenant: $tenant, id: $identity_id})-[g:GRANTED]->(h:Identity {kind: 'household'})
WHERE
  g.at <= $now
  AND g.until > $now
  AND COLLECT {
    MATCH (i)-[:GAVE]->(c:Consent {purpose: 'household_share'})
    WHERE c.at <= $now OR c.status <> 'granted'
    RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
    ORDER BY c.counts_from DESC, live
    LIMIT 1
  } = [true]
RETURN DISTINCT h.id AS id
ORDER BY id
LIMIT 1
