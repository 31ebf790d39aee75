// Which products of the catalogue are meant by some ids: the product itself, else the only one with such a gtin, mpn or
// sku, or that a shop's own system knows by it, else the first variant of the group of that id.
// params:  tenant STRING, ids LIST<STRING>
// returns: matches LIST<LIST> of [id, product_id or NULL (none), how STRING of itself|alternative|group|kept|none]; one
//          row. kept: there is a place for it already
// needs:   nothing
UNWIND $ids AS id
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
