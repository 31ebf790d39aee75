// Keep a new key of a tenant; done again it changes nothing.
// params:  tenant STRING, id STRING, hash STRING (SHA-256 of the token, hex), scopes LIST<STRING>, label STRING or NULL,
//          created_at ZONED DATETIME, expires_at ZONED DATETIME or NULL, identity_id STRING or NULL,
//          session_id STRING or NULL, origins LIST<STRING>
// returns: is_new BOOLEAN; one row
// needs:   the constraint api_key_key
OPTIONAL MATCH (known:ApiKey {tenant: $tenant, id: $id})
MERGE (key:ApiKey {tenant: $tenant, id: $id})
ON CREATE SET
  key.hash = $hash,
  key.scopes = $scopes,
  key.label = $label,
  key.created_at = $created_at,
  key.expires_at = $expires_at,
  key.identity_id = $identity_id,
  key.session_id = $session_id,
  key.origins = $origins
RETURN known IS NULL AS is_new
