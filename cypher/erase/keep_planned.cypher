// Take identities on an erasure's list out of all plans, and remember by which lines receivers know them: the next export of
// a plan takes these back. A line's id is random, and says nothing of who it was without an earlier export.
// params:  tenant STRING, id STRING, limit INTEGER
// returns: nodes LIST<LIST> (empty), relationships LIST<LIST> of [type, number]; one row
// needs:   PLANNED_IN, written by plans/add_lines
CALL () {
  MATCH (:Erasure {tenant: $tenant, id: $id})-[:ERASES]->(:Identity)-[planned:PLANNED_IN]->(plan:Plan)
  WITH planned, plan
  LIMIT $limit
  WITH plan, collect(planned) AS gone
  SET plan.erased = plan.erased + [one IN gone WHERE one.exported_at IS NOT NULL AND one.ended_at IS NULL | one.line]
  FOREACH (one IN gone | DELETE one)
  RETURN sum(size(gone)) AS number
}
RETURN [] AS nodes, CASE WHEN number > 0 THEN [['PLANNED_IN', number]] ELSE [] END AS relationships
