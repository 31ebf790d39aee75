// Remove what the identities on an erasure's list did and received, with its lines.
// params:  tenant STRING, id STRING, limit INTEGER
// returns: nodes LIST<LIST> of [label, number], relationships LIST<LIST> of [type, number]; one row
// needs:   nothing
CALL () {
  MATCH (:Erasure {tenant: $tenant, id: $id})-[:ERASES]->(:Identity)-[:DID|GAVE|RECEIVED]->(own)
  WITH DISTINCT own
  LIMIT $limit
  RETURN collect(own) AS own
}
CALL (own) {
  UNWIND own AS gone
  WITH labels(gone)[0] AS name, count(*) AS number
  RETURN collect([name, number]) AS nodes
}
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
