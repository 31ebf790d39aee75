// Keep where a feed is in place of what was kept under its name, and let it be due; what came of the last run stays.
// params:  tenant STRING, name STRING, source STRING (JSON), by STRING, at ZONED DATETIME
// returns: nothing
// needs:   nothing
MERGE (f:Feed {tenant: $tenant, id: $name})
SET
  f.source = $source,
  f.changed_by = $by,
  f.changed_at = $at,
  f.next_at = $at,
  f.confirmed = false,
  f.claim = null,
  f.claimed_until = null
