// Remove all other relationships of the identities on an erasure's list, in both directions, and what hung on nothing else.
// params:  tenant STRING, id STRING, limit INTEGER
// returns: nodes LIST<LIST> of [label, number], relationships LIST<LIST> of [type, number]; one row
// needs:   erase/remove_own before it
CALL () {
  MATCH (:Erasure {tenant: $tenant, id: $id})-[:ERASES]->(:Identity)-[r]-()
  WHERE NOT r:ERASES|DID|GAVE|RECEIVED
  WITH DISTINCT r
  LIMIT $limit
  RETURN collect(r) AS ties
}
CALL (ties) {
  UNWIND ties AS r
  WITH type(r) AS name, count(*) AS number
  RETURN collect([name, number]) AS relationships
}
CALL (ties) {
  UNWIND ties AS r
  UNWIND [startNode(r), endNode(r)] AS known
  WITH r, known
  WHERE NOT known:Product|Identity|Person|Account|Household|Run|DataRequest|ExportedList|Plan
  RETURN collect(DISTINCT known) AS loose
}
CALL (ties) {
  UNWIND ties AS r
  DELETE r
}
CALL (loose) {
  UNWIND loose AS known
  WITH known, labels(known)[0] AS name
  WHERE NOT EXISTS { (known)--() }
  DELETE known
  WITH name, count(*) AS number
  RETURN collect([name, number]) AS nodes
}
RETURN nodes, relationships
