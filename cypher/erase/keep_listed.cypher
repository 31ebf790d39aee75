// Take identities on an erasure's list off the lists that receivers hold, and remember by which keys these know them: the
// next export removes these keys. They are random, say nothing of who it was without an earlier export, and are forgotten
// with that export or when the list expires.
// params:  tenant STRING, id STRING, limit INTEGER
// returns: nodes LIST<LIST> (empty), relationships LIST<LIST> of [type, number]; one row
// needs:   LISTED_IN, written by audiences/add_listed
CALL () {
  MATCH (:Erasure {tenant: $tenant, id: $id})-[:ERASES]->(:Identity)-[listed:LISTED_IN]->(list:ExportedList)
  WITH listed, list
  LIMIT $limit
  WITH list, collect(listed) AS gone
  SET list.erased = list.erased + [one IN gone WHERE one.until IS NULL | one.member]
  FOREACH (one IN gone | DELETE one)
  RETURN sum(size(gone)) AS number
}
RETURN [] AS nodes, CASE WHEN number > 0 THEN [['LISTED_IN', number]] ELSE [] END AS relationships
