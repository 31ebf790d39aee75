// What else of some products is wanted: properties as the catalogue has them, and the tags of some facets.
// params:  tenant STRING, ids LIST<STRING>, properties LIST<STRING>, facets LIST<STRING> (in lower case)
// returns: id STRING, properties LIST<LIST> of [name, value], facets LIST<LIST> of [facet in lower case, LIST
//          of names]; what it has; one row a product
// needs:   nothing
UNWIND $ids AS id
MATCH (p:Product {tenant: $tenant, id: id})
RETURN
  id,
  [name IN $properties WHERE p[name] IS NOT NULL | [name, p[name]]] AS properties,
  COLLECT {
    MATCH (p)-[tagged:TAGGED]->(t:Tag)
    WHERE toLower(t.facet) IN $facets
    WITH toLower(t.facet) AS facet, t.name AS name, tagged.weight AS weight
    ORDER BY weight DESC, name
    WITH facet, collect(name) AS names
    RETURN [facet, names]
  } AS facets
