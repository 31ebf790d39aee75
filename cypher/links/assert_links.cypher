// Write what sources say of two things: one relationship a source, the same whatever the order they come in.
// params:  tenant STRING, person_identity LIST<MAP>, identity_account LIST<MAP>, account_household LIST<MAP>,
//          person_household LIST<MAP>, identity_identifier LIST<MAP>, follows LIST<MAP>, not_same_as LIST<MAP>; each map
//          (place, start, end, source, id, confidence, first_ms, last_ms, until_ms or NULL, and for identifiers type,
//          blocked, key_version), sorted by start and end
// returns: place INTEGER, id STRING; one row per link written, none for one whose identity is not there
// needs:   the lock of links/lock_links in the same transaction
CALL () {
  UNWIND $person_identity AS row
  MATCH (i:Identity {tenant: $tenant, id: row.end})
  MERGE (person:Person {tenant: $tenant, id: row.start})
  MERGE (person)-[r:HAS_IDENTITY {source: row.source}]->(i)
  RETURN row, r
  UNION ALL
  UNWIND $identity_account AS row
  MATCH (i:Identity {tenant: $tenant, id: row.start})
  MERGE (account:Account {tenant: $tenant, id: row.end})
  MERGE (account)-[r:USED_BY {source: row.source}]->(i)
  RETURN row, r
  UNION ALL
  UNWIND $account_household AS row
  MERGE (account:Account {tenant: $tenant, id: row.start})
  MERGE (home:Household {tenant: $tenant, id: row.end})
  MERGE (account)-[r:BELONGS_TO {source: row.source}]->(home)
  RETURN row, r
  UNION ALL
  UNWIND $person_household AS row
  MERGE (person:Person {tenant: $tenant, id: row.start})
  MERGE (home:Household {tenant: $tenant, id: row.end})
  MERGE (person)-[r:LIVES_IN {source: row.source}]->(home)
  RETURN row, r
  UNION ALL
  UNWIND $identity_identifier AS row
  MATCH (i:Identity {tenant: $tenant, id: row.start})
  MERGE (known:Identifier {tenant: $tenant, id: row.end})
  ON CREATE SET
    known.type = row.type,
    known.key_version = row.key_version
  SET known.blocked = row.blocked
  MERGE (i)-[r:KNOWN_BY {source: row.source}]->(known)
  RETURN row, r
  UNION ALL
  UNWIND $follows AS row
  MATCH (i:Identity {tenant: $tenant, id: row.start})
  MATCH (other:Identity {tenant: $tenant, id: row.end})
  MERGE (i)-[r:FOLLOWS {source: row.source}]->(other)
  RETURN row, r
  UNION ALL
  UNWIND $not_same_as AS row
  MATCH (i:Identity {tenant: $tenant, id: row.start})
  MATCH (other:Identity {tenant: $tenant, id: row.end})
  MERGE (i)-[r:NOT_SAME_AS {source: row.source}]->(other)
  RETURN row, r
}
WITH
  row,
  r,
  coalesce(row.last_ms > r.last_seen.epochMillis, true) AS is_later,
  coalesce(row.last_ms = r.last_seen.epochMillis, false) AS is_equal,
  CASE WHEN row.until_ms IS NOT NULL THEN datetime({epochMillis: row.until_ms}) END AS until
SET
  r.id = coalesce(r.id, row.id),
  r.confidence =
    CASE
      WHEN is_later OR is_equal AND row.confidence < r.confidence THEN row.confidence
      ELSE r.confidence
    END,
  r.valid_until =
    CASE
      WHEN is_later OR is_equal AND coalesce(until < r.valid_until, until IS NOT NULL) THEN until
      ELSE r.valid_until
    END,
  r.first_seen =
    CASE
      WHEN coalesce(row.first_ms >= r.first_seen.epochMillis, false) THEN r.first_seen
      ELSE datetime({epochMillis: row.first_ms})
    END,
  r.last_seen = CASE WHEN is_later THEN datetime({epochMillis: row.last_ms}) ELSE r.last_seen END
RETURN row.place AS place, r.id AS id
