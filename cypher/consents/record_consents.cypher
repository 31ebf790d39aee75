// Append consent records to identities; a replay under the same id changes nothing. Who does not let itself be learned
// from any more leads nobody, and nobody leads it.
// params:  tenant STRING, rows LIST<MAP> (identity_id, id, purpose, status of granted|denied|withdrawn, at, counts_from,
//          expires_at or NULL, source, policy_version or NULL, proof or NULL)
// returns: is_new BOOLEAN, id STRING, purpose STRING, status STRING, at_ms INTEGER, expires_at_ms INTEGER or NULL,
//          source STRING, policy_version STRING or NULL, proof STRING or NULL, confirmed_at_ms INTEGER or NULL,
//          counts_from_ms INTEGER;
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
  c.counts_from = row.counts_from,
  c.expires_at = row.expires_at,
  c.source = row.source,
  c.policy_version = row.policy_version,
  c.proof = row.proof
WITH place, row, i, c
CALL (i, c) {
  WITH i, c, NOT EXISTS { (c)<-[:GAVE]-(:Identity) } AS is_new
  FOREACH (_ IN CASE WHEN is_new THEN [1] ELSE [] END |
    CREATE (i)-[:GAVE]->(c)
    SET i.version = i.version + 1
  )
  RETURN is_new
}
CALL (i, row) {
  WITH i, row
  WHERE row.purpose = 'model_training' AND row.status <> 'granted'
  MATCH (i)-[led:LEADS]-(:Identity)
  DELETE led
}
RETURN
  is_new,
  c.id AS id,
  c.purpose AS purpose,
  c.status AS status,
  c.at.epochMillis AS at_ms,
  c.expires_at.epochMillis AS expires_at_ms,
  c.source AS source,
  c.policy_version AS policy_version,
  c.proof AS proof,
  c.confirmed_at.epochMillis AS confirmed_at_ms,
  c.counts_from.epochMillis AS counts_from_ms
ORDER BY place
