// Set what recounted (identity, product) pairs come to: LIKES, DISLIKES where the weight is below 0, or nothing.
// params:  tenant STRING, rows LIST<MAP> (identity_id, product_id, and either weight NULL or weight, full_price_weight,
//          count, purchases, last_at_ms, first_bought_at_ms, last_bought_at_ms, bought_days LIST<INTEGER> or NULL; sorted
//          by product and identity)
// returns: nothing
// needs:   the identities and products of the rows
UNWIND $rows AS row
MATCH (i:Identity {tenant: $tenant, id: row.identity_id})
MATCH (p:Product {tenant: $tenant, id: row.product_id})
CALL (i, p, row) {
  WITH i, p, row
  WHERE coalesce(row.weight <= 0, true)
  MATCH (i)-[gone:LIKES]->(p)
  DELETE gone
}
CALL (i, p, row) {
  WITH i, p, row
  WHERE row.weight > 0
  MERGE (i)-[l:LIKES]->(p)
  SET
    l.weight = row.weight,
    l.full_price_weight = row.full_price_weight,
    l.count = row.count,
    l.purchases = row.purchases,
    l.last_at = datetime({epochMillis: row.last_at_ms}),
    l.first_bought_at =
      CASE WHEN row.first_bought_at_ms IS NOT NULL THEN datetime({epochMillis: row.first_bought_at_ms}) END,
    l.last_bought_at =
      CASE WHEN row.last_bought_at_ms IS NOT NULL THEN datetime({epochMillis: row.last_bought_at_ms}) END,
    l.bought_days = row.bought_days
}
CALL (i, p, row) {
  WITH i, p, row
  WHERE coalesce(row.weight >= 0, true)
  MATCH (i)-[gone:DISLIKES]->(p)
  DELETE gone
}
CALL (i, p, row) {
  WITH i, p, row
  WHERE row.weight < 0
  MERGE (i)-[d:DISLIKES]->(p)
  SET
    d.weight = row.weight,
    d.full_price_weight = row.full_price_weight,
    d.count = row.count,
    d.purchases = row.purchases,
    d.last_at = datetime({epochMillis: row.last_at_ms}),
    d.first_bought_at =
      CASE WHEN row.first_bought_at_ms IS NOT NULL THEN datetime({epochMillis: row.first_bought_at_ms}) END,
    d.last_bought_at =
      CASE WHEN row.last_bought_at_ms IS NOT NULL THEN datetime({epochMillis: row.last_bought_at_ms}) END,
    d.bought_days = row.bought_days
}
