// Which of some identities use a login that others use, too, by links that are live now.
// params:  tenant STRING, identity_ids LIST<STRING>, now ZONED DATETIME
// returns: id STRING; in order
// needs:   USED_BY, written by ingest/upsert_identities and links/
UNWIND $identity_ids AS identity_id
MATCH (i:Identity {tenant: $tenant, id: identity_id})
WHERE
  EXISTS {
    MATCH (i)<-[own:USED_BY]-(account:Account)-[others:USED_BY]->(other:Identity)
    WHERE
      other <> i
      AND own.first_seen <= $now
      AND coalesce(own.valid_until > $now, true)
      AND others.first_seen <= $now
      AND coalesce(others.valid_until > $now, true)
  }
RETURN i.id AS id
ORDER BY id
