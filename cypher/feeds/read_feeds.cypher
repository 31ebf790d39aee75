// The feeds of a shop that are fetched, or the one that is called so.
// params:  tenant STRING, name STRING or NULL (all)
// returns: name STRING, source STRING (JSON), next_at_ms INTEGER, changed_at_ms INTEGER, changed_by STRING, result STRING
//          (JSON) or NULL, confirmed BOOLEAN; by name
// needs:   nothing
MATCH (f:Feed {tenant: $tenant})
WHERE $name IS NULL OR f.id = $name
RETURN
  f.id AS name,
  f.source AS source,
  f.next_at.epochMillis AS next_at_ms,
  f.changed_at.epochMillis AS changed_at_ms,
  f.changed_by AS changed_by,
  f.result AS result,
  coalesce(f.confirmed, false) AS confirmed
ORDER BY name
LIMIT 1000
