// Note what a location has of an inventory item, unless something newer is known.
// params:  tenant STRING, id STRING (of the item and the location), inventory_item STRING, available INTEGER, at_ms INTEGER
// returns: product_ids LIST<STRING> (what is counted by it); no row where something newer is known
// needs:   the lock of stock/lock_shop in the same transaction
MERGE (level:StockLevel {tenant: $tenant, id: $id})
WITH level
WHERE coalesce(level.at_ms, $at_ms) <= $at_ms
SET
  level.inventory_item = $inventory_item,
  level.available = $available,
  level.at_ms = $at_ms
RETURN
  COLLECT {
    MATCH (:ShopItem {tenant: $tenant, inventory_item: $inventory_item})-[:IS]->(p:Product)
    RETURN DISTINCT p.id
  } AS product_ids
