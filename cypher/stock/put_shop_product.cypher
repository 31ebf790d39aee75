// Note what a product of a shop's own system is made of, and withdraw from the catalogue what it is no more.
// params:  tenant STRING, id STRING, at_ms INTEGER, items LIST<MAP> (id, product_id, inventory_item STRING or NULL,
//          is_counted BOOLEAN, may_be_ordered_ahead BOOLEAN, total INTEGER or NULL)
// returns: withdrawn LIST<STRING> (product ids); one row
// needs:   the products of the items; the lock of stock/lock_shop in the same transaction
MERGE (own:ShopProduct {tenant: $tenant, id: $id})
SET own.at_ms = $at_ms
WITH own
CALL (own) {
  OPTIONAL MATCH (own)-[:HAS]->(:ShopItem)-[:IS]->(p:Product)
  RETURN collect(DISTINCT p) AS former
}
CALL (own) {
  MATCH (own)-[:HAS]->(item:ShopItem)
  WHERE NOT item.id IN [row IN $items | row.id]
  DETACH DELETE item
}
CALL (own) {
  UNWIND $items AS row
  MERGE (item:ShopItem {tenant: $tenant, id: row.id})
  SET
    item.inventory_item = row.inventory_item,
    item.is_counted = row.is_counted,
    item.may_be_ordered_ahead = row.may_be_ordered_ahead,
    item.total = row.total
  MERGE (own)-[:HAS]->(item)
  WITH item, row
  CALL (item, row) {
    MATCH (item)-[old:IS]->(other:Product)
    WHERE other.id <> row.product_id
    DELETE old
  }
  MATCH (p:Product {tenant: $tenant, id: row.product_id})
  MERGE (item)-[:IS]->(p)
}
CALL (former) {
  UNWIND former AS p
  WITH p
  WHERE NOT EXISTS { (p)<-[:IS]-(:ShopItem) }
  SET p.availability = 'withdrawn'
  RETURN collect(p.id) AS withdrawn
}
RETURN withdrawn
