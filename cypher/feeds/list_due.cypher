// Feeds that are due and that nobody is at; over all shops, hence without $tenant: names for the service itself.
// params:  at ZONED DATETIME
// returns: tenant STRING, name STRING; the longest due first
// needs:   nothing
MATCH (f:Feed)
WHERE f.next_at <= $at AND (f.claimed_until IS NULL OR f.claimed_until < $at)
RETURN f.tenant AS tenant, f.id AS name
ORDER BY f.next_at, tenant, name
LIMIT 20
