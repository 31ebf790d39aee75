// What is popular in a run: in the whole shop, and in each tag and brand.
// params:  tenant STRING, run STRING
// returns: anchor STRING ("", "tag <id>", "brand <id>"), name STRING or NULL, product_ids LIST<STRING>, scores LIST<FLOAT>;
//          one row an anchor, by anchor
// needs:   refresh/rank_popular, refresh/rank_popular_by_tag, refresh/rank_popular_by_brand
MATCH (p:Product {tenant: $tenant})<-[popular:POPULAR]-(anchor:Run|Tag|Brand)
WHERE popular.run = $run
WITH anchor, collect(p.id) AS product_ids, collect(popular.score) AS scores
RETURN
  CASE
    WHEN anchor:Tag THEN 'tag ' + anchor.id
    WHEN anchor:Brand THEN 'brand ' + anchor.id
    ELSE ''
  END AS anchor,
  anchor.name AS name,
  product_ids,
  scores
ORDER BY anchor
