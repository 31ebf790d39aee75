// What is known of a batch of events before it is written, in one row, with the identities of its new events locked. A
// batch that speaks of orders locks the shop before it looks, so that no two writers take themselves for the first to
// speak of an order; tombstones are looked for after the identities are locked, so that an erasure that commits
// meanwhile is seen.
// params:  tenant STRING, events LIST<LIST> (of id, identity_id and whether it changes what was said before),
//          order_ids LIST<STRING>, product_ids LIST<STRING>, digests LIST<STRING> (of whom the events are about),
//          public_ids LIST<STRING> (those of whom no server's key speaks in the batch), now ZONED DATETIME (by our clock)
// returns: ids LIST<STRING> of events that are on disk; order_ids LIST<STRING> of which something is; revising_ids
//          LIST<STRING>, identities of new events that ever revised anything, whose likes are summed anew; digests LIST<STRING> that
//          have a tombstone; matches LIST<LIST> of [product_id, the product's id or NULL (none), how STRING of
//          itself|alternative|group|kept|none]: the product itself, else the only one with such a gtin, mpn or sku, or
//          that a shop's own system knows by it, else the first variant of the group of that id; kept: there is a place
//          for it already; one row
// needs:   nothing
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
  UNWIND $product_ids AS id
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
  RETURN
    collect(
      CASE
        WHEN p IS NOT NULL AND coalesce(p.availability, '') <> 'unknown' THEN [id, id, 'itself']
        WHEN size(others) = 1 THEN [id, others[0], 'alternative']
        WHEN size(others) = 0 AND size(variants) = 1 THEN [id, variants[0], 'group']
        WHEN p IS NOT NULL THEN [id, NULL, 'kept']
        ELSE [id, NULL, 'none']
      END
    ) AS matches
}
RETURN ids, order_ids, revising_ids, digests, matches
