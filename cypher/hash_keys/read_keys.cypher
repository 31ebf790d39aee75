// The hash keys that this graph was made with.
// params:  tenant STRING (the reserved tenant of the schema)
// returns: version INTEGER, fingerprint STRING; one row per version, oldest first
// needs:   nothing
MATCH (known:HashKey {tenant: $tenant})
RETURN known.version AS version, known.fingerprint AS fingerprint
ORDER BY version
