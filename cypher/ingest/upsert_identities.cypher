// Put identities with the links asserted together with them; links are edges with source, confidence and time.
// params:  tenant STRING, now ZONED DATETIME, rows LIST<MAP> (id, kind, source, person_id, account_id, household_id,
//          identifiers LIST<MAP> (id, type)); sorted by id
// returns: nothing
// needs:   nothing
UNWIND $rows AS row
MERGE (i:Identity {tenant: $tenant, id: row.id})
ON CREATE SET i.version = 0
SET
  i.kind = row.kind,
  i.version = i.version + 1
CALL (i, row) {
  WITH i, row
  WHERE row.person_id IS NOT NULL
  MERGE (person:Person {tenant: $tenant, id: row.person_id})
  MERGE (person)-[has:HAS_IDENTITY]->(i)
  ON CREATE SET
    has.source = row.source,
    has.confidence = 1.0,
    has.since = $now
}
CALL (i, row) {
  WITH i, row
  WHERE row.account_id IS NOT NULL
  MERGE (account:Account {tenant: $tenant, id: row.account_id})
  MERGE (account)-[used:USED_BY]->(i)
  ON CREATE SET
    used.source = row.source,
    used.confidence = 1.0,
    used.since = $now
}
CALL (row) {
  WITH row
  WHERE row.household_id IS NOT NULL AND row.person_id IS NOT NULL
  MATCH (person:Person {tenant: $tenant, id: row.person_id})
  MERGE (home:Household {tenant: $tenant, id: row.household_id})
  MERGE (person)-[lives:LIVES_IN]->(home)
  ON CREATE SET
    lives.source = row.source,
    lives.confidence = 1.0,
    lives.since = $now
}
CALL (row) {
  WITH row
  WHERE row.household_id IS NOT NULL AND row.account_id IS NOT NULL
  MATCH (account:Account {tenant: $tenant, id: row.account_id})
  MERGE (home:Household {tenant: $tenant, id: row.household_id})
  MERGE (account)-[belongs:BELONGS_TO]->(home)
  ON CREATE SET
    belongs.source = row.source,
    belongs.confidence = 1.0,
    belongs.since = $now
}
CALL (i, row) {
  UNWIND row.identifiers AS identifier
  MERGE (known:Identifier {tenant: $tenant, id: identifier.id})
  ON CREATE SET known.type = identifier.type
  MERGE (i)-[by:KNOWN_BY]->(known)
  ON CREATE SET
    by.source = row.source,
    by.confidence = 1.0,
    by.first_seen = $now
  SET by.last_seen = $now
}
