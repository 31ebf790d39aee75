// Append one consent record to an identity; a replay under the same id changes nothing.
// params:  tenant STRING, identity_id STRING, id STRING, purpose STRING, status STRING (granted|denied|withdrawn),
//          at ZONED DATETIME, expires_at ZONED DATETIME or NULL, source STRING
// returns: id STRING, purpose STRING, status STRING, at_ms INTEGER, expires_at_ms INTEGER or NULL, source STRING;
//          the record that is kept, one row
// needs:   nothing; an unknown identity becomes an anonymous one
MERGE (i:Identity {tenant: $tenant, id: $identity_id})
ON CREATE SET
  i.kind = 'anonymous',
  i.version = 0
MERGE (c:Consent {tenant: $tenant, id: $id})
ON CREATE SET
  c.purpose = $purpose,
  c.status = $status,
  c.at = $at,
  c.expires_at = $expires_at,
  c.source = $source
WITH i, c
CALL (i, c) {
  WITH i, c
  WHERE NOT EXISTS { (:Identity)-[:GAVE]->(c) }
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
