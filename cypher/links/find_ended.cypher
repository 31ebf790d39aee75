// When these links were ended; what was seen no later than that changes nothing.
// params:  tenant STRING, keys LIST<STRING> (keyed hashes)
// returns: key STRING, ended_ms INTEGER; one row per link that was ever ended
// needs:   nothing
UNWIND $keys AS key
MATCH (ended:EndedLink {tenant: $tenant, id: key})
RETURN ended.id AS key, ended.ended_at.epochMillis AS ended_ms
