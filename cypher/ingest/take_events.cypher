// Take a batch of events: look up what is known of it, with the identities of its new events locked; and write it, the
// raw interactions with their lines and the evidence that they add to LIKES, if nothing that was asked for is known and
// the catalogue has every product by its id, so that most batches are one round trip. A batch that speaks of orders
// locks the shop before it looks, so that no two writers take themselves for the first to speak of an order; tombstones
// are looked for after the identities are locked, so that an erasure that commits meanwhile is seen. Old and new weights
// are brought to the later time and summed. What is not asked for is not looked up, and keeps nothing from being written.
// params:  tenant STRING, events LIST<LIST> (of id, identity_id and whether it changes what was said before),
//          order_ids LIST<STRING>, products LIST<LIST> (of a text and whether it is what a line calls its product),
//          digests LIST<STRING> (of whom the events are about), public_ids LIST<STRING> (those of whom no server's key
//          speaks in the batch), now ZONED DATETIME (by our clock),
//          rows LIST<MAP> (id, type, identity_id, at_ms, session_id, decision_id, order_id, currency,
//          updated_ms INTEGER or NULL, trust INTEGER or NULL (2), by_order BOOLEAN or NULL (its order says whose it is),
//          lines LIST<LIST> of [product_id, quantity, price_paid, list_price, said or NULL], channel, device, on_login,
//          rating LIST<FLOAT> of [value, max] or NULL),
//          likes LIST<MAP> (one an identity and product: identity_id, product_id, weight,
//          full_price_weight, count, purchases, last_at_ms, first_bought_at_ms, last_bought_at_ms, bought_days
//          LIST<INTEGER> or NULL; sorted by product and identity, the lock order of all writers), decay_days FLOAT,
//          most_days INTEGER (days of purchases that are kept)
// returns: is_written BOOLEAN, whether rows and likes were; ids LIST<STRING> of events that are on disk; order_ids
//          LIST<STRING> of which something is; revising_ids LIST<STRING>, identities of new events that ever revised
//          anything, whose likes are summed anew; digests LIST<STRING> that have a tombstone; matches LIST<LIST> of
//          [product_id, the product's id or NULL (none), how STRING of itself|alternative|group|kept|none]: the product
//          itself, else the only one with such a gtin, mpn or sku, or that a shop's own system knows by it, else the
//          first variant of the group of that id; kept: there is a place for it already; one row
// needs:   the identities and products of rows and likes where they are not asked for
CALL () {
  UNWIND $order_ids[..1] AS first
  MERGE (shop:Tenant {tenant: $tenant, id: $tenant})
  SET shop.orders_version = coalesce(shop.orders_version, 0) + 1
}
CALL () {
  UNWIND $events AS event
  MATCH (x:Interaction {tenant: $tenant, id: event[0]})
  RETURN collect(x.id) AS ids
}
CALL () {
  UNWIND $order_ids AS order_id
  MATCH (x:Interaction {tenant: $tenant, order_id: order_id})
  RETURN collect(DISTINCT x.order_id) AS order_ids
}
CALL (ids) {
  UNWIND $events AS event
  WITH ids, event
  WHERE NOT event[0] IN ids
  WITH event[1] AS id, max(CASE WHEN event[2] THEN 1 ELSE 0 END) AS revises
  ORDER BY id
  MERGE (i:Identity {tenant: $tenant, id: id})
  ON CREATE SET
    i.kind = 'anonymous',
    i.version = 0
  SET
    i.version = i.version + 1,
    // Who came by a public key; a server's word, and who has a history without this mark, stand for themselves.
    i.public_since = CASE
      WHEN NOT id IN $public_ids THEN null
      WHEN EXISTS { (i)-[:DID]->() } THEN i.public_since
      ELSE $now
    END,
    i.revises = CASE WHEN revises = 1 THEN true ELSE i.revises END
  RETURN collect(CASE WHEN i.revises THEN i.id END) AS revising_ids
}
CALL () {
  UNWIND $digests AS digest
  MATCH (grave:Tombstone {tenant: $tenant, id: digest})
  RETURN collect(grave.id) AS digests
}
CALL () {
  UNWIND $products AS asked
  WITH asked[0] AS id, asked[1] AS is_named
  OPTIONAL MATCH (p:Product {tenant: $tenant, id: id})
  CALL (id, p) {
    WITH id, p
    WHERE p IS NULL OR coalesce(p.availability, '') = 'unknown'
    RETURN
      COLLECT {
        MATCH (other:Product {tenant: $tenant, gtin: ltrim(id, '0')})
        RETURN other.id AS other
        UNION
        MATCH (other:Product {tenant: $tenant, mpn: id})
        RETURN other.id AS other
        UNION
        MATCH (other:Product {tenant: $tenant, sku: id})
        RETURN other.id AS other
        UNION
        MATCH (:ShopItem {tenant: $tenant, id: id})-[:IS]->(other:Product)
        RETURN other.id AS other
        UNION
        MATCH (own:ShopProduct {tenant: $tenant, id: id})
        WHERE COUNT { MATCH (own)-[:HAS]->(:ShopItem)-[:IS]->(p:Product) RETURN DISTINCT p } = 1
        MATCH (own)-[:HAS]->(:ShopItem)-[:IS]->(other:Product)
        RETURN other.id AS other
      } AS others,
      COLLECT {
        CALL (id) {
          MATCH (variant:Product {tenant: $tenant, item_group_id: id})
          RETURN variant
          UNION
          MATCH (:ShopProduct {tenant: $tenant, id: id})-[:HAS]->(:ShopItem)-[:IS]->(variant:Product)
          RETURN variant
        }
        WITH variant
        WHERE variant.availability <> 'withdrawn'
        RETURN variant.id
        ORDER BY variant.id
        LIMIT 1
      } AS variants
    UNION
    WITH id, p
    WHERE p IS NOT NULL AND coalesce(p.availability, '') <> 'unknown'
    RETURN [] AS others, [] AS variants
  }
  WITH id, p, is_named, others, variants, p IS NOT NULL AND coalesce(p.availability, '') <> 'unknown' AS is_itself
  RETURN
    count(CASE WHEN is_named AND NOT is_itself THEN 1 END) AS strays,
    collect(
      CASE
        WHEN is_itself THEN [id, id, 'itself']
        WHEN size(others) = 1 THEN [id, others[0], 'alternative']
        WHEN size(others) = 0 AND size(variants) = 1 THEN [id, variants[0], 'group']
        WHEN p IS NOT NULL THEN [id, NULL, 'kept']
        ELSE [id, NULL, 'none']
      END
    ) AS matches
}
WITH *, size(ids) + size(order_ids) + size(revising_ids) + size(digests) + strays = 0 AS is_written
CALL (is_written) {
  UNWIND CASE WHEN is_written THEN $rows ELSE [] END AS row
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
CALL (is_written) {
  UNWIND CASE WHEN is_written THEN $likes ELSE [] END AS row
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
RETURN is_written, ids, order_ids, revising_ids, digests, matches
