// Identities that hang on these persons and identifiers.
// params:  tenant STRING, person_ids LIST<STRING>, digests LIST<STRING>, now ZONED DATETIME, most INTEGER
// returns: id STRING; one row per identity
// needs:   nothing
CALL () {
  UNWIND $person_ids AS id
  MATCH (:Person {tenant: $tenant, id: id})-[r:HAS_IDENTITY]->(i:Identity)
  RETURN i, r
  UNION ALL
  UNWIND $digests AS id
  MATCH (:Identifier {tenant: $tenant, id: id})<-[r:KNOWN_BY]-(i:Identity)
  RETURN i, r
}
WITH i, r
WHERE r.first_seen <= $now AND coalesce(r.valid_until > $now, true)
RETURN DISTINCT i.id AS id
ORDER BY id
LIMIT $most
