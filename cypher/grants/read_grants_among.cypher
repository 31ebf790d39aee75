// The grants between some identities, expired ones too.
// params:  tenant STRING, identity_ids LIST<STRING>
// returns: id STRING, from_id STRING, from_kind STRING, to_id STRING, to_kind STRING, purposes LIST<STRING>,
//          at_ms INTEGER, until_ms INTEGER; by giver, taker and end, at most 1,000
// needs:   GRANTED, written by grants/give_grant
UNWIND $identity_ids AS from_id
MATCH (giver:Identity {tenant: $tenant, id: from_id})-[g:GRANTED]->(taker:Identity)
WHERE taker.id IN $identity_ids
RETURN
  g.id AS id,
  giver.id AS from_id,
  giver.kind AS from_kind,
  taker.id AS to_id,
  taker.kind AS to_kind,
  g.purposes AS purposes,
  g.at.epochMillis AS at_ms,
  g.until.epochMillis AS until_ms
ORDER BY from_id, to_id, until_ms, id
LIMIT 1000
