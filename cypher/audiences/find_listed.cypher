// Since when an identity is on the list that a receiver holds of an audience.
// params:  tenant STRING, audience STRING, identity_id STRING, now ZONED DATETIME
// returns: at_ms INTEGER; no row where it is on none that has not expired
// needs:   LISTED_IN, written by audiences/add_listed
MATCH (i:Identity {tenant: $tenant, id: $identity_id})-[listed:LISTED_IN]->(list:ExportedList {tenant: $tenant, id: $audience})
WHERE listed.until IS NULL AND list.expires_at > $now
RETURN listed.at.epochMillis AS at_ms
