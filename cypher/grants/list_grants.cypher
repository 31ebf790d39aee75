// The grants that an identity gave or was given, expired ones too.
// params:  tenant STRING, identity_id STRING, after STRING (id of the last grant of the page before, "" for the first), limit INTEGER 1..1000
// returns: id STRING, from_id STRING, from_kind STRING, to_id STRING, to_kind STRING, purposes LIST<STRING>,
//          at_ms INTEGER, until_ms INTEGER; by id
// needs:   GRANTED, written by grants/give_grant
MATCH (i:Identity {tenant: $tenant, id: $identity_id})-[g:GRANTED]-(:Identity)
WHERE g.id > $after
WITH DISTINCT g, startNode(g) AS giver, endNode(g) AS taker
RETURN
  g.id AS id,
  giver.id AS from_id,
  giver.kind AS from_kind,
  taker.id AS to_id,
  taker.kind AS to_kind,
  g.purposes AS purposes,
  g.at.epochMillis AS at_ms,
  g.until.epochMillis AS until_ms
ORDER BY id
LIMIT $limit
