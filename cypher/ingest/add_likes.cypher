// Add evidence to LIKES, one row per (identity, product); both weights are brought to the later time and summed.
// params:  tenant STRING, decay_days FLOAT, rows LIST<MAP> (identity_id, product_id, weight, count, purchases, last_at,
//          first_bought_at, last_bought_at; sorted by product and identity, the lock order of all writers)
// returns: nothing
// needs:   the identities and products of the rows
UNWIND $rows AS row
MATCH (i:Identity {tenant: $tenant, id: row.identity_id})
MATCH (p:Product {tenant: $tenant, id: row.product_id})
MERGE (i)-[l:LIKES]->(p)
ON CREATE SET
  l.weight = row.weight,
  l.count = row.count,
  l.purchases = row.purchases,
  l.last_at = row.last_at,
  l.first_bought_at = row.first_bought_at,
  l.last_bought_at = row.last_bought_at
ON MATCH SET
  l.weight =
    CASE
      WHEN row.last_at >= l.last_at
        THEN row.weight + l.weight * exp((l.last_at.epochMillis - row.last_at.epochMillis) / 86400000.0 / $decay_days)
      ELSE l.weight + row.weight * exp((row.last_at.epochMillis - l.last_at.epochMillis) / 86400000.0 / $decay_days)
    END,
  l.count = l.count + row.count,
  l.purchases = l.purchases + row.purchases,
  l.last_at = CASE WHEN row.last_at > l.last_at THEN row.last_at ELSE l.last_at END,
  l.first_bought_at =
    CASE
      WHEN l.first_bought_at IS NULL OR row.first_bought_at < l.first_bought_at
        THEN coalesce(row.first_bought_at, l.first_bought_at)
      ELSE l.first_bought_at
    END,
  l.last_bought_at =
    CASE
      WHEN l.last_bought_at IS NULL OR row.last_bought_at > l.last_bought_at
        THEN coalesce(row.last_bought_at, l.last_bought_at)
      ELSE l.last_bought_at
    END
