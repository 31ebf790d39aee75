// Remove the identities on an erasure's list that nothing hangs on any more; they are locked before that is looked at.
// params:  tenant STRING, id STRING, limit INTEGER
// returns: nodes LIST<LIST> of [label, number], relationships LIST<LIST> (empty); one row
// needs:   erase/remove_ties before it
CALL () {
  MATCH (:Erasure {tenant: $tenant, id: $id})-[:ERASES]->(i:Identity)
  WITH i
  LIMIT $limit
  SET i.version = coalesce(i.version, 0) + 1
  WITH i
  WHERE
    NOT EXISTS {
      MATCH (i)-[r]-()
      WHERE NOT r:ERASES
    }
  DETACH DELETE i
  RETURN count(*) AS number
}
RETURN
  CASE WHEN number > 0 THEN [['Identity', number]] ELSE [] END AS nodes,
  [] AS relationships
