// Append consent records to identities; a replay under the same id changes nothing.
// params:  tenant STRING, rows LIST<MAP> (identity_id, id, purpose, status of granted|denied|withdrawn, at, expires_at or
//          NULL, source)
// returns: id STRING, purpose STRING, status STRING, at_ms INTEGER, expires_at_ms INTEGER or NULL, source STRING;
//          the records that are kept, in the order of the rows
// needs:   nothing; an unknown identity becomes an anonymous one
UNWIND range(0, size($rows) - 1) AS place
WITH place, $rows[place] AS row
MERGE (i:Identity {tenant: $tenant, id: row.identity_id})
ON CREATE SET
  i.kind = 'anonymous',
  i.version = 0
MERGE (c:Consent {tenant: $tenant, id: row.id})
ON CREATE SET
  c.purpose = row.purpose,
  c.status = row.status,
  c.at = row.at,
  c.expires_at = row.expires_at,
  c.source = row.source
WITH place, i, c
CALL (i, c) {
  WITH i, c
  WHERE NOT EXISTS { (c)<-[:GAVE]-(:Identity) }
  CREATE (i)-[:GAVE]->(c)
  SET i.version = i.version + 1
}
RETURN
  c.id AS id,
  c.purpose AS purpose,
  c.status AS status,
  c.at.epochMillis AS at_ms,
  c.expires_at.epochMillis AS expires_at_ms,
  c.source AS source
ORDER BY place
