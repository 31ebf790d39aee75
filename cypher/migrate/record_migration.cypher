// Note that a migration was applied.
// params:  tenant STRING (the reserved tenant of the schema), id STRING (V001 …), name STRING, checksum STRING (SHA-256)
// returns: nothing
// needs:   the constraint of V001
MERGE (m:Migration {tenant: $tenant, id: $id})
ON CREATE SET
  m.name = $name,
  m.checksum = $checksum,
  m.applied_at = datetime()
