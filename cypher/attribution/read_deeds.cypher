// What some identities did last, and of which kind the products are.
// params:  tenant STRING, run STRING, identity_ids LIST<STRING>, limit INTEGER (events of one)
// returns: identity_id STRING, at_ms INTEGER, channel STRING or NULL, device STRING or NULL, bought BOOLEAN, pieces
//          LIST<LIST> of [product_id, tags, genres, price]; by identity, oldest first
// needs:   the identities consent, as attribution/choose_members and refresh/choose_learners see to; IN_GENRE of the run
UNWIND $identity_ids AS identity_id
MATCH (i:Identity {tenant: $tenant, id: identity_id})
CALL (i) {
  MATCH (i)-[:DID|CLAIMED]->(x:Interaction)
  WHERE
    NOT x.type IN ['refund', 'return', 'uncart', 'unwish', 'dislike'] AND
    NOT EXISTS { (i)-[:EXCLUDES]->(e:Exclusion) WHERE e.kind IN ['order', 'event'] AND e.value IN [x.order_id, x.id] }
  WITH x
  ORDER BY x.at DESC, x.id
  LIMIT $limit
  RETURN x
}
RETURN
  identity_id,
  x.at.epochMillis AS at_ms,
  x.channel AS channel,
  x.device AS device,
  x.type = 'purchase' AS bought,
  COLLECT {
    MATCH (x)-[line:OF]->(p:Product)
    RETURN [
      p.id,
      COLLECT { MATCH (p)-[:TAGGED]->(t:Tag) RETURN t.id ORDER BY t.id LIMIT 12 },
      COLLECT { MATCH (p)-[in:IN_GENRE]->(g:MicroGenre) WHERE in.run = $run RETURN g.id ORDER BY g.id LIMIT 5 },
      coalesce(line.price_paid, p.price)
    ]
  } AS pieces
ORDER BY identity_id, at_ms, x.id
