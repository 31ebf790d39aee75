// The communities of the active run and which products are at home in them: what the run under way carries on.
// params:  tenant STRING
// returns: id STRING, size INTEGER, resolution FLOAT, product_ids LIST<STRING>; by id
// needs:   TasteCommunity and AT_HOME_IN, written by app/jobs/communities.py
MATCH (run:Run {tenant: $tenant, active: true})
MATCH (c:TasteCommunity {tenant: $tenant, run: run.id})
RETURN
  c.community AS id,
  c.size AS size,
  c.resolution AS resolution,
  COLLECT { MATCH (p:Product)-[:AT_HOME_IN]->(c) RETURN p.id } AS product_ids
ORDER BY id
