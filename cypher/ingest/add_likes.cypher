// Add evidence to LIKES, one row per (identity, product); old and new weights are brought to the later time and summed.
// params:  tenant STRING, decay_days FLOAT, rows LIST<MAP> (identity_id, product_id, weight, full_price_weight,
//          count, purchases, last_at_ms, first_bought_at_ms, last_bought_at_ms, bought_days LIST<INTEGER> or NULL; sorted
//          by product and identity, the lock order of all writers), most_days INTEGER (days of purchases that are kept)
// returns: nothing
// needs:   the identities and products of the rows
UNWIND $rows AS row
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
