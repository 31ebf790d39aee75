// One key with the digest of its token. The tenant is the one that the token names.
// params:  tenant STRING, id STRING
// returns: id STRING, hash STRING (hex), scopes LIST<STRING>, label STRING or NULL, created_at_ms INTEGER,
//          revoked_at_ms INTEGER or NULL, expires_at_ms INTEGER or NULL, identity_id STRING or NULL,
//          session_id STRING or NULL, origins LIST<STRING>; one row or none
// needs:   ApiKey, written by keys/create_key
MATCH (k:ApiKey {tenant: $tenant, id: $id})
RETURN
  k.id AS id,
  k.hash AS hash,
  k.scopes AS scopes,
  k.label AS label,
  k.created_at.epochMillis AS created_at_ms,
  k.revoked_at.epochMillis AS revoked_at_ms,
  k.expires_at.epochMillis AS expires_at_ms,
  k.identity_id AS identity_id,
  k.session_id AS session_id,
  coalesce(k.origins, []) AS origins
