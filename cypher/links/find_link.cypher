// One link by its id.
// params:  tenant STRING, id STRING
// returns: id STRING, type STRING, start STRING, end STRING, source STRING, confidence FLOAT, first_ms INTEGER,
//          last_ms INTEGER, until_ms INTEGER or NULL, identifier MAP or NULL (type, blocked, key_version); one row or none
// needs:   an index on the id of each type
CALL () {
  MATCH (person:Person {tenant: $tenant})-[r:HAS_IDENTITY {id: $id}]->(i:Identity)
  USING INDEX r:HAS_IDENTITY(id)
  RETURN 'person_identity' AS type, r, person.id AS start, i.id AS end, NULL AS identifier
  UNION ALL
  MATCH (account:Account {tenant: $tenant})-[r:USED_BY {id: $id}]->(i:Identity)
  USING INDEX r:USED_BY(id)
  RETURN 'identity_account' AS type, r, i.id AS start, account.id AS end, NULL AS identifier
  UNION ALL
  MATCH (account:Account {tenant: $tenant})-[r:BELONGS_TO {id: $id}]->(home:Household)
  USING INDEX r:BELONGS_TO(id)
  RETURN 'account_household' AS type, r, account.id AS start, home.id AS end, NULL AS identifier
  UNION ALL
  MATCH (person:Person {tenant: $tenant})-[r:LIVES_IN {id: $id}]->(home:Household)
  USING INDEX r:LIVES_IN(id)
  RETURN 'person_household' AS type, r, person.id AS start, home.id AS end, NULL AS identifier
  UNION ALL
  MATCH (i:Identity {tenant: $tenant})-[r:KNOWN_BY {id: $id}]->(known:Identifier)
  USING INDEX r:KNOWN_BY(id)
  RETURN
    'identity_identifier' AS type,
    r,
    i.id AS start,
    known.id AS end,
    known {.type, .blocked, .key_version} AS identifier
  UNION ALL
  MATCH (i:Identity {tenant: $tenant})-[r:FOLLOWS {id: $id}]->(other:Identity)
  USING INDEX r:FOLLOWS(id)
  RETURN 'follows' AS type, r, i.id AS start, other.id AS end, NULL AS identifier
  UNION ALL
  MATCH (i:Identity {tenant: $tenant})-[r:NOT_SAME_AS {id: $id}]->(other:Identity)
  USING INDEX r:NOT_SAME_AS(id)
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
