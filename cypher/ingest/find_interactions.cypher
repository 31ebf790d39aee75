// Which of these interactions are on disk already, and of which orders something is. A batch that speaks of orders locks
// the shop before it looks, so that no two writers take themselves for the first to speak of an order.
// params:  tenant STRING, ids LIST<STRING>, order_ids LIST<STRING>
// returns: ids LIST<STRING>, order_ids LIST<STRING>; one row
// needs:   nothing
CALL () {
  UNWIND $order_ids[..1] AS first
  MERGE (shop:Tenant {tenant: $tenant, id: $tenant})
  SET shop.orders_version = coalesce(shop.orders_version, 0) + 1
}
CALL () {
  UNWIND $ids AS id
  MATCH (x:Interaction {tenant: $tenant, id: id})
  RETURN collect(x.id) AS ids
}
CALL () {
  UNWIND $order_ids AS order_id
  MATCH (x:Interaction {tenant: $tenant, order_id: order_id})
  RETURN collect(DISTINCT x.order_id) AS order_ids
}
RETURN ids, order_ids
