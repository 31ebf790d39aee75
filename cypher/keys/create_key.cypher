// Keep a new key of a tenant.
// params:  tenant STRING, id STRING, hash STRING (SHA-256 of the token, hex), scopes LIST<STRING>, label STRING or NULL,
//          created_at ZONED DATETIME
// returns: nothing
// needs:   the constraint api_key_key
CREATE (:ApiKey {
  tenant: $tenant,
  id: $id,
  hash: $hash,
  scopes: $scopes,
  label: $label,
  created_at: $created_at
})
