// Visits in which two and more of some identities did something, of those alone who consent to be linked.
// params:  tenant STRING, ids LIST<STRING>, now ZONED DATETIME, most INTEGER
// returns: identities LIST<LIST> of [id STRING, first_ms INTEGER] (by time); one row per session, latest first
// needs:   nothing
UNWIND $ids AS id
MATCH (i:Identity {tenant: $tenant, id: id})
WHERE
  COLLECT {
    MATCH (i)-[:GAVE]->(c:Consent {purpose: 'link_identities'})
    WHERE c.at <= $now OR c.status <> 'granted'
    RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
    ORDER BY c.counts_from DESC, live
    LIMIT 1
  } = [true]
MATCH (i)-[:DID]->(x:Interaction)
WHERE x.session_id IS NOT NULL AND x.at <= $now
WITH x.session_id AS session, i.id AS id, min(x.at).epochMillis AS first_ms
ORDER BY first_ms, id
WITH session, collect([id, first_ms]) AS identities
WHERE size(identities) > 1
RETURN identities
ORDER BY identities[-1][1] DESC, session
LIMIT $most
