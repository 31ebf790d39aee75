// How strongly the products of each community are like each other, and like others.
// params:  tenant STRING, run STRING
// returns: community STRING, totals LIST<FLOAT>, insides LIST<FLOAT>, edges_inside LIST<INTEGER> (a value a product);
//          by community
// needs:   AT_HOME_IN and SIMILAR_TO of the run
MATCH (p:Product {tenant: $tenant})-[home:AT_HOME_IN]->(c:TasteCommunity)
WHERE home.run = $run
CALL (p, c) {
  MATCH (p)-[s:SIMILAR_TO]->(q:Product)
  WHERE s.run = $run
  WITH s.weight AS weight, EXISTS { (q)-[other:AT_HOME_IN]->(c) WHERE other.run = $run } AS is_inside
  RETURN
    sum(weight) AS total,
    sum(CASE WHEN is_inside THEN weight ELSE 0.0 END) AS inside,
    count(CASE WHEN is_inside THEN 1 END) AS edges_inside
}
WITH c.community AS community, p.id AS product_id, total, inside, edges_inside
ORDER BY community, product_id
RETURN community, collect(total) AS totals, collect(inside) AS insides, collect(edges_inside) AS edges_inside
ORDER BY community
