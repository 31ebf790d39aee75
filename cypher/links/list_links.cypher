// The links of one identity, by id.
// params:  tenant STRING, identity_id STRING, after STRING (id of the last link seen, or empty), limit INTEGER
// returns: id STRING, type STRING, start STRING, end STRING, source STRING, confidence FLOAT, first_ms INTEGER,
//          last_ms INTEGER, until_ms INTEGER or NULL, identifier MAP or NULL (type, blocked, key_version); ordered by id
// needs:   nothing
MATCH (i:Identity {tenant: $tenant, id: $identity_id})
CALL (i) {
  MATCH (i)<-[r:HAS_IDENTITY]-(person:Person)
  RETURN 'person_identity' AS type, r, person.id AS start, i.id AS end, NULL AS identifier
  UNION ALL
  MATCH (i)<-[r:USED_BY]-(account:Account)
  RETURN 'identity_account' AS type, r, i.id AS start, account.id AS end, NULL AS identifier
  UNION ALL
  MATCH (i)-[r:KNOWN_BY]->(known:Identifier)
  RETURN
    'identity_identifier' AS type,
    r,
    i.id AS start,
    known.id AS end,
    known {.type, .blocked, .key_version} AS identifier
  UNION ALL
  MATCH (i)-[r:FOLLOWS]-(:Identity)
  RETURN 'follows' AS type, r, startNode(r).id AS start, endNode(r).id AS end, NULL AS identifier
  UNION ALL
  MATCH (i)-[r:NOT_SAME_AS]-(:Identity)
  RETURN 'not_same_as' AS type, r, startNode(r).id AS start, endNode(r).id AS end, NULL AS identifier
}
WITH type, r, start, end, identifier
WHERE r.id > $after
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
ORDER BY id
LIMIT $limit
