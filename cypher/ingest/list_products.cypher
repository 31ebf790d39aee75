// Products of a shop's catalogue with all that it says of them, by id.
// params:  tenant STRING, after STRING ("" for the beginning), availability STRING or NULL (any, as for the next ones),
//          brand STRING or NULL (in lower case), category STRING or NULL (id of its tag), item_group_id STRING or NULL,
//          limit INTEGER
// returns: properties MAP, tags LIST<LIST> of [name, facet, weight], by id of the tag; one row a product, by id
// needs:   nothing
MATCH (p:Product {tenant: $tenant})
WHERE
  p.id > $after AND
  p.title IS NOT NULL AND
  ($availability IS NULL OR p.availability = $availability) AND
  ($brand IS NULL OR toLower(p.brand) = $brand) AND
  ($item_group_id IS NULL OR p.item_group_id = $item_group_id) AND
  ($category IS NULL OR
    EXISTS {
      MATCH (p)-[:TAGGED]->(t:Tag)
      WHERE t.id = $category OR t.id STARTS WITH $category + ' > '
    })
WITH p
ORDER BY p.id
LIMIT $limit
RETURN
  properties(p) AS properties,
  COLLECT {
    MATCH (p)-[tagged:TAGGED]->(t:Tag)
    WITH t, tagged
    ORDER BY t.id
    RETURN [t.name, t.facet, tagged.weight]
  } AS tags
ORDER BY properties.id
