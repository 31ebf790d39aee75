// How the communities of the active run came out, to judge them by.
// params:  tenant STRING
// returns: homes LIST<LIST> of [product id, community id], memberships LIST<INTEGER> (of each identity that was learned
//          from, how many communities it is in; who it is is not told); one row, none without an active run
// needs:   nothing; empty lists where the run has no communities
MATCH (run:Run {tenant: $tenant, active: true})
CALL (run) {
  MATCH (p:Product {tenant: $tenant})-[home:AT_HOME_IN]->(c:TasteCommunity)
  WHERE home.run = run.id
  WITH p, c
  ORDER BY p.id
  RETURN collect([p.id, c.community]) AS homes
}
CALL (run) {
  MATCH (run)-[:LEARNED_FROM]->(i:Identity)
  RETURN collect(COUNT {
    MATCH (i)-[m:MEMBER_OF]->(:TasteCommunity)
    WHERE m.run = run.id
  }) AS memberships
}
RETURN homes, memberships
