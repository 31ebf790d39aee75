// Let a feed be due now.
// params:  tenant STRING, name STRING, at ZONED DATETIME, confirmed BOOLEAN (withdraw what leaves, however much)
// returns: name STRING; one row, none where there is no such feed
// needs:   nothing
MATCH (f:Feed {tenant: $tenant, id: $name})
SET
  f.next_at = CASE WHEN f.next_at < $at THEN f.next_at ELSE $at END,
  f.confirmed = $confirmed
RETURN f.id AS name
