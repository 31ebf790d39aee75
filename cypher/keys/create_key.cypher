// Keep a new key of a tenant.
// params:  tenant STRING, id STRING, hash STRING (SHA-256 of the token, hex), scopes LIST<STRING>, label STRING or NULL,
//          created_at ZONED DATETIME, expires_at ZONED DATETIME or NULL, identity_id STRING or NULL,
//          session_id STRING or NULL, origins LIST<STRING>
// returns: nothing
// needs:   the constraint api_key_key
CREATE (:ApiKey {
  tenant: $tenant,
  id: $id,
  hash: $hash,
  scopes: $scopes,
  label: $label,
  created_at: $created_at,
  expires_at: $expires_at,
  identity_id: $identity_id,
  session_id: $session_id,
  origins: $origins
})
