// Sessions on a login that have ended and are not attributed yet, oldest first.
// params:  tenant STRING, before ZONED DATETIME (whose last event is older has ended), limit INTEGER
// returns: id STRING
// needs:   nothing
MATCH (s:Session {tenant: $tenant, open: true})
WHERE s.last_at <= $before
RETURN s.id AS id
ORDER BY s.last_at, id
LIMIT $limit
