// All links that decide to whom identities belong, live or not, whatever their class.
// params:  tenant STRING, ids LIST<STRING>
// returns: id STRING, type STRING, start STRING, end STRING, source STRING, confidence FLOAT, first_ms INTEGER,
//          last_ms INTEGER, until_ms INTEGER or NULL, identifier MAP or NULL (type, blocked, key_version); one row per link
// needs:   nothing
UNWIND $ids AS id
MATCH (i:Identity {tenant: $tenant, id: id})
CALL (i) {
  MATCH (i)<-[r:HAS_IDENTITY]-(person:Person)
  RETURN 'person_identity' AS type, r, person.id AS start, i.id AS end, NULL AS identifier
  UNION ALL
  MATCH (i)-[r:KNOWN_BY]->(known:Identifier)
  RETURN
    'identity_identifier' AS type,
    r,
    i.id AS start,
    known.id AS end,
    known {.type, .blocked, .key_version} AS identifier
  UNION ALL
  MATCH (i)-[r:NOT_SAME_AS]->(other:Identity)
  RETURN 'not_same_as' AS type, r, i.id AS start, other.id AS end, NULL AS identifier
}
RETURN
  r.id AS id,
  type,
  start,
  end,
  r.source AS source,
  r.confidence AS confidence,
  r.first_seen.epochMillis AS first_ms,
  r.last_seen.epochMillis AS last_ms,
  r.valid_until.epochMillis AS until_ms,
  identifier
