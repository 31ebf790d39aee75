// Put products into the catalogue: all asserted properties, the brand and the tags are replaced by what is given.
// When a product first came stays.
// params:  tenant STRING, now ZONED DATETIME, rows LIST<MAP> (id, properties MAP, brand MAP or NULL (id, name),
//          tags LIST<MAP> (id, name, facet, weight)); sorted by id
// returns: nothing
// needs:   nothing
UNWIND $rows AS row
MERGE (p:Product {tenant: $tenant, id: row.id})
WITH p, row, coalesce(p.added_at, $now) AS added_at
SET
  p = row.properties,
  p.added_at = added_at
CALL (p, row) {
  MATCH (p)-[old:TAGGED|MADE_BY]->(target)
  WHERE NOT target.id IN [tag IN row.tags | tag.id] + coalesce(row.brand.id, '')
  DELETE old
}
CALL (p, row) {
  WITH p, row
  WHERE row.brand IS NOT NULL
  MERGE (b:Brand {tenant: $tenant, id: row.brand.id})
  ON CREATE SET b.name = row.brand.name
  MERGE (p)-[:MADE_BY]->(b)
}
CALL (p, row) {
  UNWIND row.tags AS tag
  MERGE (t:Tag {tenant: $tenant, id: tag.id})
  ON CREATE SET
    t.name = tag.name,
    t.facet = tag.facet
  MERGE (p)-[tagged:TAGGED]->(t)
  SET tagged.weight = tag.weight
}
