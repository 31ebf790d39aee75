// Write what sources say of two things: one relationship a source, the same whatever the order they come in.
// params:  tenant STRING, person_identity LIST<LIST>, identity_account LIST<LIST>, account_household LIST<LIST>,
//          person_household LIST<LIST>, identity_identifier LIST<LIST>, follows LIST<LIST>, not_same_as LIST<LIST>; each
//          of [place, start, end, source, confidence, first_ms, last_ms, until_ms or NULL] and for identifiers further
//          [type, blocked, key_version], sorted by start and end
// returns: places LIST<INTEGER>, ids LIST<STRING>; one row: the links written, without those whose identity is not there
// needs:   the lock of links/lock_links in the same transaction
CALL () {
  UNWIND $person_identity AS row
  MATCH (i:Identity {tenant: $tenant, id: row[2]})
  MERGE (person:Person {tenant: $tenant, id: row[1]})
  MERGE (person)-[r:HAS_IDENTITY {source: row[3]}]->(i)
  RETURN row, r
  UNION ALL
  UNWIND $identity_account AS row
  MATCH (i:Identity {tenant: $tenant, id: row[1]})
  MERGE (account:Account {tenant: $tenant, id: row[2]})
  MERGE (account)-[r:USED_BY {source: row[3]}]->(i)
  RETURN row, r
  UNION ALL
  UNWIND $account_household AS row
  MERGE (account:Account {tenant: $tenant, id: row[1]})
  MERGE (home:Household {tenant: $tenant, id: row[2]})
  MERGE (account)-[r:BELONGS_TO {source: row[3]}]->(home)
  RETURN row, r
  UNION ALL
  UNWIND $person_household AS row
  MERGE (person:Person {tenant: $tenant, id: row[1]})
  MERGE (home:Household {tenant: $tenant, id: row[2]})
  MERGE (person)-[r:LIVES_IN {source: row[3]}]->(home)
  RETURN row, r
  UNION ALL
  UNWIND $identity_identifier AS row
  MATCH (i:Identity {tenant: $tenant, id: row[1]})
  MERGE (known:Identifier {tenant: $tenant, id: row[2]})
  ON CREATE SET
    known.type = row[8],
    known.key_version = row[10]
  SET known.blocked = row[9]
  MERGE (i)-[r:KNOWN_BY {source: row[3]}]->(known)
  RETURN row, r
  UNION ALL
  UNWIND $follows AS row
  MATCH (i:Identity {tenant: $tenant, id: row[1]})
  MATCH (other:Identity {tenant: $tenant, id: row[2]})
  MERGE (i)-[r:FOLLOWS {source: row[3]}]->(other)
  RETURN row, r
  UNION ALL
  UNWIND $not_same_as AS row
  MATCH (i:Identity {tenant: $tenant, id: row[1]})
  MATCH (other:Identity {tenant: $tenant, id: row[2]})
  MERGE (i)-[r:NOT_SAME_AS {source: row[3]}]->(other)
  RETURN row, r
}
WITH
  row,
  r,
  coalesce(row[6] > r.last_seen.epochMillis, true) AS is_later,
  coalesce(row[6] = r.last_seen.epochMillis, false) AS is_equal,
  CASE WHEN row[7] IS NOT NULL THEN datetime({epochMillis: row[7]}) END AS until
SET
  r.id = coalesce(r.id, replace(randomUUID(), '-', '')),
  r.confidence =
    CASE
      WHEN is_later OR is_equal AND row[4] < r.confidence THEN row[4]
      ELSE r.confidence
    END,
  r.valid_until =
    CASE
      WHEN is_later OR is_equal AND coalesce(until < r.valid_until, until IS NOT NULL) THEN until
      ELSE r.valid_until
    END,
  r.first_seen =
    CASE
      WHEN coalesce(row[5] >= r.first_seen.epochMillis, false) THEN r.first_seen
      ELSE datetime({epochMillis: row[5]})
    END,
  r.last_seen = CASE WHEN is_later THEN datetime({epochMillis: row[6]}) ELSE r.last_seen END
RETURN collect(row[0]) AS places, collect(r.id) AS ids
