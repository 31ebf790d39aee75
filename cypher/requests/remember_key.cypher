// Remember what a request was that came with an idempotency key, unless one came with it before; some that are old go.
// params:  tenant STRING, id STRING (hash of the key), fingerprint STRING (hash of the request), hours FLOAT (how long
//          they are remembered)
// returns: fingerprint STRING (of the first request with this key), is_new BOOLEAN; one row
// needs:   the constraint on IdempotencyKey
CALL () {
  MATCH (old:IdempotencyKey {tenant: $tenant})
  WHERE old.at < datetime.realtime() - duration({seconds: 3600.0 * $hours})
  WITH old
  LIMIT 100
  DELETE old
}
MERGE (key:IdempotencyKey {tenant: $tenant, id: $id})
ON CREATE SET
  key.fingerprint = $fingerprint,
  key.at = datetime.realtime(),
  key.times = 0
SET key.times = key.times + 1
RETURN
  key.fingerprint AS fingerprint,
  key.times = 1 AS is_new
