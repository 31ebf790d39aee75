// What was said to pass between some identities and others: sessions that they claimed, grants that they gave or were given.
// params:  tenant STRING, ids LIST<STRING>, now ZONED DATETIME, most INTEGER
// returns: kind STRING of claim and grant, from_id STRING, to_id STRING, at_ms INTEGER, until_ms INTEGER or NULL (of a
//          grant; it may be over); latest first
// needs:   CLAIMED, written by claims/claim_session; GRANTED, written by grants/give_grant
UNWIND $ids AS id
MATCH (i:Identity {tenant: $tenant, id: id})
CALL (i) {
  MATCH (i)-[claim:CLAIMED]->(:Interaction)<-[:DID]-(owner:Identity)
  WHERE coalesce(claim.method <> 'posterior', true)
  RETURN DISTINCT 'claim' AS kind, owner.id AS from_id, i.id AS to_id, claim.at AS at, NULL AS until
  UNION
  MATCH (i)-[g:GRANTED]-(:Identity)
  RETURN 'grant' AS kind, startNode(g).id AS from_id, endNode(g).id AS to_id, g.at AS at, g.until AS until
}
WITH DISTINCT kind, from_id, to_id, at, until
WHERE at <= $now
RETURN kind, from_id, to_id, at.epochMillis AS at_ms, until.epochMillis AS until_ms
ORDER BY at_ms DESC, kind, from_id, to_id, until_ms
LIMIT $most
