// Identities whose answers a backup remembers: some of all there are, drawn by lot, for whoever runs the store.
// params:  limit INTEGER
// returns: tenant STRING, id STRING; by tenant and id
// needs:   nothing
MATCH (i:Identity)
WITH i, rand() AS lot
ORDER BY lot
LIMIT $limit
RETURN i.tenant AS tenant, i.id AS id
ORDER BY tenant, id
