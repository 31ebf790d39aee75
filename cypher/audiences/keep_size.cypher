// Keep how many a filter was counted to have, once in the days for which figures stand; those of other days go.
// params:  tenant STRING, id STRING (of the filter, these days), period INTEGER, people FLOAT (noisy), at ZONED DATETIME, most
//          INTEGER (filters that are counted in these days)
// returns: people FLOAT, at_ms INTEGER; no row where no more are counted
// needs:   the constraint audience_size_key
MERGE (shop:Tenant {tenant: $tenant, id: $tenant})
SET shop.tenant = $tenant
WITH shop
CALL () {
  MATCH (old:AudienceSize {tenant: $tenant})
  WHERE old.period <> $period
  DELETE old
}
WITH COUNT { MATCH (:AudienceSize {tenant: $tenant}) } AS counted, EXISTS { MATCH (:AudienceSize {tenant: $tenant, id: $id}) } AS known
WHERE known OR counted < $most
MERGE (s:AudienceSize {tenant: $tenant, id: $id})
ON CREATE SET s.period = $period, s.people = $people, s.at = $at
RETURN s.people AS people, s.at.epochMillis AS at_ms
