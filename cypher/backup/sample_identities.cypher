// Identities whose answers a backup remembers: some of all there are, or of one shop, drawn by lot, for whoever runs the
// store.
// params:  tenant STRING or NULL (of all), limit INTEGER
// returns: tenant STRING, id STRING; by tenant and id
// needs:   nothing
MATCH (i:Identity)
WHERE $tenant IS NULL OR i.tenant = $tenant
WITH i, rand() AS lot
ORDER BY lot
LIMIT $limit
RETURN i.tenant AS tenant, i.id AS id
ORDER BY tenant, id
