// Write a batch of events: the raw, immutable interactions with their lines, and the evidence that they add to LIKES.
// Old and new weights are brought to the later time and summed.
// params:  tenant STRING, rows LIST<MAP> (id, type, identity_id, at_ms, session_id, decision_id, order_id, currency,
//          updated_ms INTEGER or NULL, trust INTEGER or NULL (2), by_order BOOLEAN or NULL (its order says whose it is),
//          lines LIST<LIST> of [product_id, quantity, price_paid, list_price, said or NULL], channel, device, on_login,
//          rating LIST<FLOAT> of [value, max] or NULL),
//          likes LIST<MAP> (one an identity and product: identity_id, product_id, weight,
//          full_price_weight, count, purchases, last_at_ms, first_bought_at_ms, last_bought_at_ms, bought_days
//          LIST<INTEGER> or NULL; sorted by product and identity, the lock order of all writers), decay_days FLOAT,
//          most_days INTEGER (days of purchases that are kept)
// returns: nothing
// needs:   the identities and products; ids that are not on disk
CALL () {
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
    on_login: row.on_login,
    rating: row.rating
  })
  WITH x, row
  UNWIND row.lines AS line
  MATCH (p:Product {tenant: $tenant, id: line[0]})
  CREATE (x)-[:OF {quantity: line[1], price_paid: line[2], list_price: line[3], said: line[4]}]->(p)
}
CALL () {
  UNWIND $likes AS row
  MATCH (i:Identity {tenant: $tenant, id: row.identity_id})
  MATCH (p:Product {tenant: $tenant, id: row.product_id})
  WITH i, p, row,
    datetime({epochMillis: row.last_at_ms}) AS last_at,
    CASE WHEN row.first_bought_at_ms IS NOT NULL THEN datetime({epochMillis: row.first_bought_at_ms}) END AS first_bought_at,
    CASE WHEN row.last_bought_at_ms IS NOT NULL THEN datetime({epochMillis: row.last_bought_at_ms}) END AS last_bought_at
  MERGE (i)-[l:LIKES]->(p)
  ON CREATE SET
    l.weight = row.weight,
    l.full_price_weight = row.full_price_weight,
    l.count = row.count,
    l.purchases = row.purchases,
    l.last_at = last_at,
    l.first_bought_at = first_bought_at,
    l.last_bought_at = last_bought_at,
    l.bought_days = row.bought_days
  ON MATCH SET
    // Likes of before there were two weights had one for both, until a refresh sums them anew.
    l.full_price_weight =
      CASE
        WHEN last_at >= l.last_at
          THEN
            row.full_price_weight +
            coalesce(l.full_price_weight, l.weight) *
              exp((l.last_at.epochMillis - row.last_at_ms) / 86400000.0 / $decay_days)
        ELSE
          coalesce(l.full_price_weight, l.weight) +
          row.full_price_weight * exp((row.last_at_ms - l.last_at.epochMillis) / 86400000.0 / $decay_days)
      END,
    l.weight =
      CASE
        WHEN last_at >= l.last_at
          THEN row.weight + l.weight * exp((l.last_at.epochMillis - row.last_at_ms) / 86400000.0 / $decay_days)
        ELSE l.weight + row.weight * exp((row.last_at_ms - l.last_at.epochMillis) / 86400000.0 / $decay_days)
      END,
    l.count = l.count + row.count,
    l.purchases = l.purchases + row.purchases,
    l.last_at = CASE WHEN last_at > l.last_at THEN last_at ELSE l.last_at END,
    l.first_bought_at =
      CASE
        WHEN l.first_bought_at IS NULL OR first_bought_at < l.first_bought_at
          THEN coalesce(first_bought_at, l.first_bought_at)
        ELSE l.first_bought_at
      END,
    l.last_bought_at =
      CASE
        WHEN l.last_bought_at IS NULL OR last_bought_at > l.last_bought_at
          THEN coalesce(last_bought_at, l.last_bought_at)
        ELSE l.last_bought_at
      END,
    l.bought_days =
      CASE
        WHEN row.bought_days IS NULL THEN l.bought_days
        WHEN l.bought_days IS NULL THEN row.bought_days
        WHEN row.bought_days[0] > l.bought_days[-1] THEN (l.bought_days + row.bought_days)[-$most_days..]
        ELSE
          [day IN range(
              CASE WHEN row.bought_days[0] < l.bought_days[0] THEN row.bought_days[0] ELSE l.bought_days[0] END,
              CASE WHEN row.bought_days[-1] > l.bought_days[-1] THEN row.bought_days[-1] ELSE l.bought_days[-1] END
            ) WHERE day IN l.bought_days OR day IN row.bought_days][-$most_days..]
      END
}
