// All live links of the persons and joining identifiers that identities hang on, and who they are not; one step of a walk.
// params:  tenant STRING, ids LIST<STRING>, caps MAP (cap by identifier type, of the types that may join), now ZONED
//          DATETIME, bound INTEGER (above every cap), most INTEGER
// returns: id STRING, type STRING, start STRING, end STRING, source STRING, confidence FLOAT, first_ms INTEGER,
//          last_ms INTEGER, until_ms INTEGER or NULL, identifier MAP or NULL (type, blocked, key_version); one row per link
// needs:   nothing
UNWIND $ids AS id
MATCH (i:Identity {tenant: $tenant, id: id})
CALL (i) {
  MATCH (i)<-[own:HAS_IDENTITY]-(person:Person)
  WHERE own.first_seen <= $now AND coalesce(own.valid_until > $now, true)
  WITH DISTINCT person
  MATCH (person)-[r:HAS_IDENTITY]->(other:Identity)
  WHERE r.first_seen <= $now AND coalesce(r.valid_until > $now, true)
  RETURN 'person_identity' AS type, r, person.id AS start, other.id AS end, NULL AS identifier
  UNION ALL
  MATCH (i)-[own:KNOWN_BY]->(known:Identifier)
  WHERE
    own.first_seen <= $now
    AND coalesce(own.valid_until > $now, true)
    AND $caps[known.type] IS NOT NULL
    AND NOT coalesce(known.blocked, false)
  WITH DISTINCT known
  WHERE
    COUNT {
      MATCH (known)<-[r:KNOWN_BY]-(other:Identity)
      WHERE r.first_seen <= $now AND coalesce(r.valid_until > $now, true)
      RETURN DISTINCT other
      LIMIT $bound
    } <= $caps[known.type]
  MATCH (known)<-[r:KNOWN_BY]-(other:Identity)
  WHERE r.first_seen <= $now AND coalesce(r.valid_until > $now, true)
  RETURN
    'identity_identifier' AS type,
    r,
    other.id AS start,
    known.id AS end,
    known {.type, .blocked, .key_version} AS identifier
  UNION ALL
  MATCH (i)-[r:NOT_SAME_AS]-(:Identity)
  WHERE r.first_seen <= $now AND coalesce(r.valid_until > $now, true)
  RETURN 'not_same_as' AS type, r, startNode(r).id AS start, endNode(r).id AS end, NULL AS identifier
}
RETURN DISTINCT
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
LIMIT $most
