// Keep proposals; one that is there and open is brought up to date, one that was decided stays as it is.
// params:  tenant STRING, rows LIST<MAP> (id, kind, one, other, probability, fields (JSON)), at ZONED DATETIME
// returns: id STRING, status STRING; one row per proposal whose identities are there
// needs:   the lock of links/lock_links in the same transaction; one < other
UNWIND $rows AS row
MATCH (one:Identity {tenant: $tenant, id: row.one})
MATCH (other:Identity {tenant: $tenant, id: row.other})
MERGE (one)-[r:MAY_BE {kind: row.kind}]->(other)
ON CREATE SET
  r.id = row.id,
  r.status = 'open'
WITH row, r, r.status = 'open' AS is_open
SET
  r.probability = CASE WHEN is_open THEN row.probability ELSE r.probability END,
  r.fields = CASE WHEN is_open THEN row.fields ELSE r.fields END,
  r.at = CASE WHEN is_open THEN $at ELSE r.at END
RETURN r.id AS id, r.status AS status
