// Orders of those who are erased, of which no server says that anybody else made them; locks the shop as writers of
// orders do.
// params:  tenant STRING, identity_ids LIST<STRING> (who goes), order_ids LIST<STRING> (orders that are theirs besides
//          those that are on disk)
// returns: order_ids LIST<STRING>; one row
// needs:   nothing
MERGE (shop:Tenant {tenant: $tenant, id: $tenant})
SET shop.orders_version = coalesce(shop.orders_version, 0) + 1
WITH shop
CALL () {
  CALL () {
    UNWIND $identity_ids AS identity_id
    MATCH (:Identity {tenant: $tenant, id: identity_id})-[:DID]->(x:Interaction {type: 'purchase'})
    WHERE x.order_id IS NOT NULL
    RETURN x.order_id AS order_id
    UNION
    UNWIND $order_ids AS order_id
    RETURN order_id
  }
  WITH order_id
  WHERE
    NOT EXISTS {
      MATCH (other:Interaction {tenant: $tenant, order_id: order_id, type: 'purchase'})<-[:DID]-(owner:Identity)
      WHERE NOT owner.id IN $identity_ids AND coalesce(other.trust, 2) > 0
    }
  RETURN collect(order_id) AS order_ids
}
RETURN order_ids
