// Remove refunds that wait for an order of somebody who was erased.
// params:  tenant STRING, ids LIST<STRING> (the anonymous identities under which they wait)
// returns: nothing
// needs:   the lock of erase/find_orders in the same transaction
UNWIND $ids AS id
MATCH (place:Identity {tenant: $tenant, id: id, kind: 'anonymous'})
CALL (place) {
  MATCH (place)-[:DID]->(x:Interaction)
  DETACH DELETE x
}
DETACH DELETE place
