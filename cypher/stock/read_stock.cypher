// All that is known of how many there are of some products, as far as they are offered.
// params:  tenant STRING, ids LIST<STRING>
// returns: product_id STRING, items LIST<MAP> (id, is_counted, may_be_ordered_ahead, total INTEGER or NULL, total_ms
//          INTEGER, levels LIST<LIST> of [available, at_ms]); one row a product that can be out of stock
// needs:   nothing
UNWIND $ids AS id
MATCH (p:Product {tenant: $tenant, id: id})
WHERE p.availability IN ['in_stock', 'backorder', 'out_of_stock']
RETURN
  p.id AS product_id,
  COLLECT {
    MATCH (p)<-[:IS]-(item:ShopItem)<-[:HAS]-(own:ShopProduct)
    RETURN
      {
        id: item.id,
        is_counted: item.is_counted,
        may_be_ordered_ahead: item.may_be_ordered_ahead,
        total: item.total,
        total_ms: own.at_ms,
        levels:
          COLLECT {
            MATCH (level:StockLevel {tenant: $tenant, inventory_item: item.inventory_item})
            RETURN [level.available, level.at_ms]
          }
      }
  } AS items
