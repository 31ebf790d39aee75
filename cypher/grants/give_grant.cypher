// Let one identity use what another one likes, for these purposes, until then; the same grant again stays one.
// params:  tenant STRING, id STRING, from_id STRING, to_id STRING, purposes LIST<STRING> (sorted), at ZONED DATETIME,
//          until ZONED DATETIME
// returns: id STRING, from_id STRING, from_kind STRING, to_id STRING, to_kind STRING, purposes LIST<STRING>,
//          at_ms INTEGER, until_ms INTEGER; one row, none when either identity is not there
// needs:   nothing
MATCH (giver:Identity {tenant: $tenant, id: $from_id})
MATCH (taker:Identity {tenant: $tenant, id: $to_id})
MERGE (giver)-[g:GRANTED {purposes: $purposes, until: $until}]->(taker)
ON CREATE SET
  g.id = $id,
  g.at = $at
RETURN
  g.id AS id,
  giver.id AS from_id,
  giver.kind AS from_kind,
  taker.id AS to_id,
  taker.kind AS to_kind,
  g.purposes AS purposes,
  g.at.epochMillis AS at_ms,
  g.until.epochMillis AS until_ms
