// What decides whether identities may be joined to others: their kind, and their consent.
// params:  tenant STRING, ids LIST<STRING>, purpose STRING, now ZONED DATETIME
// returns: id STRING, kind STRING, may_link BOOLEAN; one row per identity found
// needs:   nothing
UNWIND $ids AS id
MATCH (i:Identity {tenant: $tenant, id: id})
RETURN
  i.id AS id,
  i.kind AS kind,
  COLLECT {
    MATCH (i)-[:GAVE]->(c:Consent {purpose: $purpose})
    WHERE c.at <= $now OR c.status <> 'granted'
    RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
    ORDER BY c.counts_from DESC, live
    LIMIT 1
  } = [true] AS may_link
