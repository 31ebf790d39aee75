// The keys of a tenant, without their digests.
// params:  tenant STRING
// returns: id STRING, scopes LIST<STRING>, label STRING or NULL, created_at_ms INTEGER,
//          revoked_at_ms INTEGER or NULL; newest first, at most 1,000
// needs:   ApiKey, written by keys/create_key
MATCH (k:ApiKey {tenant: $tenant})
RETURN
  k.id AS id,
  k.scopes AS scopes,
  k.label AS label,
  k.created_at.epochMillis AS created_at_ms,
  k.revoked_at.epochMillis AS revoked_at_ms
ORDER BY created_at_ms DESC, id
LIMIT 1000
