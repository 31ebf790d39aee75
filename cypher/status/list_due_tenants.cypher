// Shops that have a key and events, and no run that was begun since a moment; the operator's view over all tenants,
// hence without $tenant: their names, nothing of their data.
// params:  since ZONED DATETIME
// returns: tenant STRING; one row a shop, by name
// needs:   ApiKey, written by keys/create_key
MATCH (k:ApiKey)
WHERE k.revoked_at IS NULL
WITH DISTINCT k.tenant AS tenant
WHERE
  NOT EXISTS { MATCH (run:Run {tenant: tenant}) WHERE run.started_at >= $since } AND
  EXISTS { MATCH (x:Interaction {tenant: tenant}) WHERE x.id IS NOT NULL }
RETURN tenant
ORDER BY tenant
