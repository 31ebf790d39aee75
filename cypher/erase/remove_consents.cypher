// Remove the consents of the identities on an erasure's list, so that nothing of them is used any more.
// params:  tenant STRING, id STRING, limit INTEGER
// returns: nodes LIST<LIST> of [label, number], relationships LIST<LIST> of [type, number]; one row
// needs:   erase/begin_erasure in the same transaction, whose locks keep consents from being added
CALL () {
  MATCH (:Erasure {tenant: $tenant, id: $id})-[:ERASES]->(:Identity)-[:GAVE]->(own)
  WITH DISTINCT own
  LIMIT $limit
  RETURN collect(own) AS own
}
WITH own, CASE WHEN size(own) > 0 THEN [['Consent', size(own)]] ELSE [] END AS nodes
CALL (own) {
  UNWIND own AS gone
  MATCH (gone)-[r]-()
  WITH type(r) AS name, count(DISTINCT r) AS number
  RETURN collect([name, number]) AS relationships
}
CALL (own) {
  UNWIND own AS gone
  DETACH DELETE gone
}
RETURN nodes, relationships
