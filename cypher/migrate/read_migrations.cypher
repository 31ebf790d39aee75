// The migrations that this graph has seen.
// params:  tenant STRING (the reserved tenant of the schema)
// returns: id STRING, checksum STRING; one row per migration, in order of application
// needs:   nothing
MATCH (m:Migration {tenant: $tenant})
RETURN m.id AS id, m.checksum AS checksum
ORDER BY id
