// Have the sessions looked at anew of whoever consents no more to be linked, e.g. because the consent ran out.
// params:  tenant STRING, now ZONED DATETIME
// returns: nothing
// needs:   nothing
// again:   finds what is left
MATCH (s:Session {tenant: $tenant})-[:ATTRIBUTED_TO {method: 'posterior'}]->(i:Identity)
WHERE
  NOT COLLECT {
    MATCH (i)-[:GAVE]->(c:Consent {purpose: 'link_identities'})
    WHERE c.at <= $now OR c.status <> 'granted'
    RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
    ORDER BY c.counts_from DESC, live
    LIMIT 1
  } = [true]
SET s.open = true
