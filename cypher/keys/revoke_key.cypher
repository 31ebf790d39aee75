// Revoke a key; a key that was revoked before keeps its first time.
// params:  tenant STRING, id STRING, at ZONED DATETIME
// returns: id STRING, is_new BOOLEAN (it was good until now); one row, none when there is no such key
// needs:   ApiKey, written by keys/create_key
MATCH (k:ApiKey {tenant: $tenant, id: $id})
WITH k, k.revoked_at IS NULL AS is_new
SET k.revoked_at = coalesce(k.revoked_at, $at)
RETURN k.id AS id, is_new
