// Feeds that are due, that nobody is at and whose shop may be written to: one that waits keeps no other waiting. Over all
// shops, hence without $tenant: names for the service itself.
// params:  at ZONED DATETIME, everybody STRING (the tenant of a hold on all shops)
// returns: tenant STRING, name STRING; the longest due first
// needs:   nothing
MATCH (f:Feed)
WHERE
  f.next_at <= $at
  AND (f.claimed_until IS NULL OR f.claimed_until < $at)
  AND NOT EXISTS { MATCH (h:Hold) WHERE h.tenant IN [f.tenant, $everybody] AND (h.until > $at OR h.kind = 'load') }
RETURN f.tenant AS tenant, f.id AS name
ORDER BY f.next_at, tenant, name
LIMIT 20
