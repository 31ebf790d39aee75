// One product of a shop's catalogue with all that it says of it.
// params:  tenant STRING, id STRING
// returns: properties MAP, tags LIST<LIST> of [name, facet, weight], by id of the tag; no row when the catalogue has none
// needs:   nothing
MATCH (p:Product {tenant: $tenant, id: $id})
WHERE p.title IS NOT NULL
RETURN
  properties(p) AS properties,
  COLLECT {
    MATCH (p)-[tagged:TAGGED]->(t:Tag)
    WITH t, tagged
    ORDER BY t.id
    RETURN [t.name, t.facet, tagged.weight]
  } AS tags
