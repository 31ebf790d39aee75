// Devices and cookies by which two and more of some identities are known, of those alone who consent to be linked.
// params:  tenant STRING, ids LIST<STRING>, now ZONED DATETIME, most INTEGER
// returns: identifier_type STRING, identities LIST<LIST> of [id STRING, first_ms INTEGER] (by time); one row per
//          identifier, whose value is not told, latest first
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
MATCH (i)-[r:KNOWN_BY]->(known:Identifier)
WHERE
  known.type IN ['device', 'cookie']
  AND NOT coalesce(known.blocked, false)
  AND r.first_seen <= $now
  AND coalesce(r.valid_until > $now, true)
WITH known, i.id AS id, min(r.first_seen).epochMillis AS first_ms
ORDER BY first_ms, id
WITH known, collect([id, first_ms]) AS identities
WHERE size(identities) > 1
RETURN known.type AS identifier_type, identities
ORDER BY identities[-1][1] DESC, known.id
LIMIT $most
