// All that was said of some orders: purchases, refunds and returns, with how much of each line counts so far.
// params:  tenant STRING, order_ids LIST<STRING>
// returns: order_id STRING, id STRING, type STRING, identity_id STRING, at_ms INTEGER, updated_ms INTEGER or NULL,
//          trust INTEGER 0..2, by_order BOOLEAN, ordered_ms INTEGER or NULL, lines LIST<LIST> of [product_id, quantity,
//          kept or NULL], claimers LIST<STRING> (identities that claimed it); by order_id and id
// needs:   the lock of ingest/take_events in the same transaction
UNWIND $order_ids AS order_id
MATCH (x:Interaction {tenant: $tenant, order_id: order_id})<-[:DID]-(owner:Identity)
WHERE x.type IN ['purchase', 'refund', 'return']
RETURN
  order_id,
  x.id AS id,
  x.type AS type,
  owner.id AS identity_id,
  x.at.epochMillis AS at_ms,
  x.updated_at.epochMillis AS updated_ms,
  coalesce(x.trust, 2) AS trust,
  coalesce(x.by_order, false) AS by_order,
  x.ordered_at.epochMillis AS ordered_ms,
  COLLECT { MATCH (x)-[o:OF]->(p:Product) RETURN [p.id, o.quantity, o.kept] } AS lines,
  COLLECT { MATCH (x)<-[:CLAIMED]-(claimer:Identity) RETURN claimer.id } AS claimers
ORDER BY order_id, id
