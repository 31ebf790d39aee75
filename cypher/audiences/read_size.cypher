// How many a filter was counted to have in these days, and how many filters were.
// params:  tenant STRING, id STRING, period INTEGER
// returns: people FLOAT or NULL, at_ms INTEGER or NULL, counted INTEGER (filters); one row
// needs:   the constraint audience_size_key
OPTIONAL MATCH (s:AudienceSize {tenant: $tenant, id: $id})
RETURN
  s.people AS people,
  s.at.epochMillis AS at_ms,
  COUNT {
    MATCH (other:AudienceSize {tenant: $tenant})
    WHERE other.period = $period
  } AS counted
