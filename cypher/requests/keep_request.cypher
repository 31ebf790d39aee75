// Keep that a customer asked a shop what it holds, for the shop's staff; a replay changes nothing.
// params:  tenant STRING, id STRING, at ZONED DATETIME, source STRING, identity_ids LIST<STRING>
// returns: nothing
// needs:   nothing
MERGE (request:DataRequest {tenant: $tenant, id: $id})
ON CREATE SET
  request.at = $at,
  request.source = $source
WITH request
UNWIND $identity_ids AS identity_id
MATCH (i:Identity {tenant: $tenant, id: identity_id})
MERGE (request)-[:ABOUT]->(i)
