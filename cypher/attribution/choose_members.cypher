// Identities whose habits are worth knowing: they consent to be linked now, and share a login with somebody.
// params:  tenant STRING, now ZONED DATETIME
// returns: id STRING; in order
// needs:   nothing
MATCH (account:Account {tenant: $tenant})
WHERE COUNT { MATCH (account)-[:USED_BY]->(user:Identity) RETURN DISTINCT user.id LIMIT 2 } = 2
MATCH (account)-[:USED_BY]->(i:Identity)
WITH DISTINCT i
WHERE
  COLLECT {
    MATCH (i)-[:GAVE]->(c:Consent {purpose: 'link_identities'})
    WHERE c.at <= $now OR c.status <> 'granted'
    RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
    ORDER BY c.counts_from DESC, live
    LIMIT 1
  } = [true]
RETURN i.id AS id
ORDER BY id
