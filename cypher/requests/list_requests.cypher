// What customers asked of a shop's staff, and about which identities; those that were erased since are not named.
// params:  tenant STRING, limit INTEGER
// returns: id STRING, at_ms INTEGER, source STRING, identity_ids LIST<STRING> (sorted); newest first
// needs:   nothing
MATCH (request:DataRequest {tenant: $tenant})
WHERE request.id >= ''
WITH request
ORDER BY request.at DESC, request.id
LIMIT $limit
RETURN
  request.id AS id,
  request.at.epochMillis AS at_ms,
  request.source AS source,
  COLLECT { MATCH (request)-[:ABOUT]->(i:Identity) RETURN i.id AS id ORDER BY id } AS identity_ids
ORDER BY at_ms DESC, id
