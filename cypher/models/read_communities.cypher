// The taste communities of a run, the products at home in each and its favourites.
// params:  tenant STRING, run STRING
// returns: community STRING, label STRING or NULL, baseline_share FLOAT, homes LIST<STRING> (products), favourites
//          LIST<STRING> (products), weights LIST<FLOAT> (of the favourites); one row a community, by node id
// needs:   communities/write_homes, communities/write_favours
MATCH (c:TasteCommunity {tenant: $tenant, run: $run})
CALL (c) {
  MATCH (p:Product)-[home:AT_HOME_IN]->(c)
  WHERE home.run = $run
  RETURN collect(p.id) AS homes
}
CALL (c) {
  MATCH (c)-[favours:FAVOURS]->(p:Product)
  WHERE favours.run = $run
  RETURN collect(p.id) AS favourites, collect(favours.weight) AS weights
}
RETURN c.community AS community, c.label AS label, coalesce(c.usual_share, 0.0) AS baseline_share, homes, favourites, weights
ORDER BY c.id
