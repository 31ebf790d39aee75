// Bring what was said of ids that no feed had to the products that turn out to be meant; the next refresh sums the likes.
// params:  tenant STRING, meant LIST<LIST> of [id, product_id]
// returns: nothing
// needs:   the products
CALL () {
  UNWIND $meant AS pair
  MATCH (stray:Product {tenant: $tenant, id: pair[0], availability: 'unknown'})
  MATCH (p:Product {tenant: $tenant, id: pair[1]})
  MATCH (x:Interaction)-[said:OF]->(stray)
  CREATE (x)-[line:OF]->(p)
  SET
    line = properties(said),
    line.said = coalesce(said.said, stray.id)
  DELETE said
  RETURN count(*) AS moved
}
WITH moved
WHERE moved > 0
MERGE (shop:Tenant {tenant: $tenant, id: $tenant})
SET shop.evidence_rules = ''
