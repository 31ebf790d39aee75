// Write interactions with their lines; the raw, immutable evidence.
// params:  tenant STRING, rows LIST<MAP> (id, type, identity_id, at_ms, session_id, decision_id, order_id, currency,
//          updated_ms INTEGER or NULL, trust INTEGER or NULL (2), by_order BOOLEAN or NULL (its order says whose it is),
//          lines LIST<LIST> of [product_id, quantity, price_paid, list_price, said or NULL], channel, device, on_login)
// returns: nothing
// needs:   the identities and products of the rows; ids that are not on disk
UNWIND $rows AS row
MATCH (i:Identity {tenant: $tenant, id: row.identity_id})
CREATE (i)-[:DID]->(x:Interaction {
  tenant: $tenant,
  id: row.id,
  type: row.type,
  at: datetime({epochMillis: row.at_ms}),
  session_id: row.session_id,
  decision_id: row.decision_id,
  order_id: row.order_id,
  currency: row.currency,
  updated_at: CASE WHEN row.updated_ms IS NOT NULL THEN datetime({epochMillis: row.updated_ms}) END,
  trust: row.trust,
  by_order: row.by_order,
  channel: row.channel,
  device: row.device,
  on_login: row.on_login
})
WITH x, row
UNWIND row.lines AS line
MATCH (p:Product {tenant: $tenant, id: line[0]})
CREATE (x)-[:OF {quantity: line[1], price_paid: line[2], list_price: line[3], said: line[4]}]->(p)
