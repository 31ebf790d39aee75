// What products are: brand, tags and microgenres, of those that anybody likes.
// params:  tenant STRING, run STRING
// returns: product_id STRING, brand_id STRING or NULL, tag_ids LIST<STRING>, genre_ids LIST<STRING>; by product_id
// needs:   Product.likers, written by refresh/score_products; IN_GENRE of the run
MATCH (p:Product {tenant: $tenant})
WHERE p.likers > 0
RETURN
  p.id AS product_id,
  head(COLLECT { MATCH (p)-[:MADE_BY]->(b:Brand) RETURN b.id ORDER BY b.id LIMIT 1 }) AS brand_id,
  COLLECT { MATCH (p)-[:TAGGED]->(t:Tag) RETURN t.id ORDER BY t.id LIMIT 100 } AS tag_ids,
  COLLECT { MATCH (p)-[in:IN_GENRE]->(g:MicroGenre) WHERE in.run = $run RETURN g.genre ORDER BY g.genre LIMIT 10 } AS genre_ids
ORDER BY product_id
