// The keys of a tenant, without their digests.
// params:  tenant STRING
// returns: id STRING, scopes LIST<STRING>, label STRING or NULL, created_at_ms INTEGER,
//          revoked_at_ms INTEGER or NULL, expires_at_ms INTEGER or NULL, identity_id STRING or NULL,
//          session_id STRING or NULL, origins LIST<STRING>; newest first, at most 1,000
// needs:   ApiKey, written by keys/create_key
MATCH (k:ApiKey {tenant: $tenant})
RETURN
  k.id AS id,
  k.scopes AS scopes,
  k.label AS label,
  k.created_at.epochMillis AS created_at_ms,
  k.revoked_at.epochMillis AS revoked_at_ms,
  k.expires_at.epochMillis AS expires_at_ms,
  k.identity_id AS identity_id,
  k.session_id AS session_id,
  coalesce(k.origins, []) AS origins
ORDER BY created_at_ms DESC, id
LIMIT 1000
