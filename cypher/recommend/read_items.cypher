// What products are, as far as an answer shows it or its rules ask for it.
// params:  tenant STRING, ids LIST<STRING>, with_tags BOOLEAN
// returns: ids LIST<STRING>, titles LIST<STRING>, brands LIST<STRING>, categories LIST<STRING> ("" for none),
//          prices LIST<FLOAT> (below 0 for none), availabilities LIST<STRING>, tags LIST<LIST<STRING>> (empty lists unless
//          with_tags); one row, since the driver pays by the record; products that there are
// needs:   nothing
UNWIND $ids AS id
MATCH (p:Product {tenant: $tenant, id: id})
WITH p, CASE WHEN $with_tags THEN COLLECT { MATCH (p)-[:TAGGED]->(t:Tag) RETURN t.id } ELSE [] END AS tags
RETURN
  collect(p.id) AS ids,
  collect(coalesce(p.title, p.id)) AS titles,
  collect(coalesce(p.brand, '')) AS brands,
  collect(coalesce(p.category, '')) AS categories,
  collect(coalesce(p.price, -1.0)) AS prices,
  collect(coalesce(p.availability, '')) AS availabilities,
  collect(tags) AS tags
