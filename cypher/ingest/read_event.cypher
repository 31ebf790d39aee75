// One event as it was recorded, and whose likes hang on it.
// params:  tenant STRING, id STRING
// returns: id STRING, type STRING, identity_id STRING, at_ms INTEGER, session_id STRING or NULL, decision_id STRING or
//          NULL, order_id STRING or NULL, updated_ms INTEGER or NULL, currency STRING or NULL, rating
//          LIST<FLOAT> of [value, max] or NULL, channel STRING or NULL, device STRING or NULL, lines LIST<LIST> of [product_id, quantity, price_paid, list_price, kept or NULL, said or
//          NULL] by product, claimers LIST<STRING> (identities that claimed it); one row, none when there is none
// needs:   nothing
MATCH (x:Interaction {tenant: $tenant, id: $id})<-[:DID]-(owner:Identity)
RETURN
  x.id AS id,
  x.type AS type,
  owner.id AS identity_id,
  x.at.epochMillis AS at_ms,
  x.session_id AS session_id,
  x.decision_id AS decision_id,
  x.order_id AS order_id,
  x.updated_at.epochMillis AS updated_ms,
  x.currency AS currency,
  x.rating AS rating,
  x.channel AS channel,
  x.device AS device,
  COLLECT {
    MATCH (x)-[o:OF]->(p:Product)
    RETURN [p.id, o.quantity, o.price_paid, o.list_price, o.kept, o.said]
    ORDER BY p.id
  } AS lines,
  COLLECT { MATCH (x)<-[:CLAIMED]-(claimer:Identity) RETURN claimer.id ORDER BY claimer.id } AS claimers
