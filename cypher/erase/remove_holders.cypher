// Remove the persons, accounts and households on an erasure's list, unless somebody else is on them by now; a person or
// household that was itself asked for goes anyway.
// params:  tenant STRING, id STRING, limit INTEGER (not reached: a list names a few)
// returns: nodes LIST<LIST> of [label, number], relationships LIST<LIST> of [type, number]; one row
// needs:   erase/remove_identities before it
CALL () {
  MATCH (:Erasure {tenant: $tenant, id: $id})-[on:ERASES]->(holder:Person|Account)
  WHERE on.asked_for OR NOT EXISTS { (holder)-[:HAS_IDENTITY|USED_BY]->(:Identity) }
  WITH holder
  LIMIT $limit
  RETURN collect(holder) AS holders
}
CALL (holders) {
  MATCH (:Erasure {tenant: $tenant, id: $id})-[on:ERASES]->(home:Household)
  WHERE
    on.asked_for OR
    NOT EXISTS {
      MATCH (home)-[r]-(other)
      WHERE NOT other IN holders AND NOT r:ERASES
    }
  RETURN collect(home) AS homes
}
WITH holders + homes AS gone
CALL (gone) {
  UNWIND gone AS holder
  WITH labels(holder)[0] AS name, count(*) AS number
  RETURN collect([name, number]) AS nodes
}
CALL (gone) {
  UNWIND gone AS holder
  MATCH (holder)-[r]-()
  WHERE NOT r:ERASES
  WITH type(r) AS name, count(DISTINCT r) AS number
  RETURN collect([name, number]) AS relationships
}
CALL (gone) {
  UNWIND gone AS holder
  DETACH DELETE holder
}
CALL () {
  MATCH (:Erasure {tenant: $tenant, id: $id})-[kept:ERASES]->(:Person|Account|Household)
  DELETE kept
}
RETURN nodes, relationships
