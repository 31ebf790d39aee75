// Keep which sessions are on a login, or were taken for somebody's who shares one; each is open until it is attributed.
// params:  tenant STRING, rows LIST<MAP> (session_id, account_id STRING or NULL, hinted_id STRING or NULL, last_ms INTEGER);
//          sorted by session_id
// returns: nothing
// needs:   nothing; an account or identity that is not there is passed over
UNWIND $rows AS row
OPTIONAL MATCH (account:Account {tenant: $tenant, id: row.account_id})
OPTIONAL MATCH (hinted:Identity {tenant: $tenant, id: row.hinted_id})
WITH row, account, hinted
WHERE account IS NOT NULL OR hinted IS NOT NULL
MERGE (s:Session {tenant: $tenant, id: row.session_id})
SET
  s.open = true,
  s.last_at = CASE
    WHEN s.last_at.epochMillis >= row.last_ms THEN s.last_at
    ELSE datetime({epochMillis: row.last_ms})
  END
FOREACH (_ IN CASE WHEN account IS NULL THEN [] ELSE [1] END | MERGE (s)-[:ON]->(account))
FOREACH (_ IN CASE WHEN hinted IS NULL THEN [] ELSE [1] END | MERGE (s)-[:HINTED]->(hinted))
