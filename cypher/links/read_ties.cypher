// Live links of accounts and households with whatever persons, identities, accounts and households are given.
// params:  tenant STRING, person_ids LIST<STRING>, identity_ids LIST<STRING>, account_ids LIST<STRING>,
//          household_ids LIST<STRING>, now ZONED DATETIME, most INTEGER
// returns: id STRING, type STRING, start STRING, end STRING, source STRING, confidence FLOAT, first_ms INTEGER,
//          last_ms INTEGER, until_ms INTEGER or NULL, identifier NULL; by type, ends and id
// needs:   nothing
CALL () {
  UNWIND $person_ids AS id
  MATCH (person:Person {tenant: $tenant, id: id})-[r:LIVES_IN]->(home:Household)
  RETURN 'person_household' AS type, r, person.id AS start, home.id AS end
  UNION
  UNWIND $household_ids AS id
  MATCH (home:Household {tenant: $tenant, id: id})<-[r:LIVES_IN]-(person:Person)
  RETURN 'person_household' AS type, r, person.id AS start, home.id AS end
  UNION
  UNWIND $household_ids AS id
  MATCH (home:Household {tenant: $tenant, id: id})<-[r:BELONGS_TO]-(account:Account)
  RETURN 'account_household' AS type, r, account.id AS start, home.id AS end
  UNION
  UNWIND $account_ids AS id
  MATCH (account:Account {tenant: $tenant, id: id})-[r:BELONGS_TO]->(home:Household)
  RETURN 'account_household' AS type, r, account.id AS start, home.id AS end
  UNION
  UNWIND $account_ids AS id
  MATCH (account:Account {tenant: $tenant, id: id})-[r:USED_BY]->(i:Identity)
  RETURN 'identity_account' AS type, r, i.id AS start, account.id AS end
  UNION
  UNWIND $identity_ids AS id
  MATCH (i:Identity {tenant: $tenant, id: id})<-[r:USED_BY]-(account:Account)
  RETURN 'identity_account' AS type, r, i.id AS start, account.id AS end
}
WITH type, r, start, end
WHERE r.first_seen <= $now AND coalesce(r.valid_until > $now, true)
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
  NULL AS identifier
ORDER BY type, start, end, id
LIMIT $most
