// Begin an erasure: the tombstones, so that nothing comes back, and the explicit list of what goes.
// params:  tenant STRING, id STRING, kind STRING of identity|person|household, at ZONED DATETIME, counts STRING (JSON),
//          identity_ids LIST<STRING>, holders LIST<MAP> (kind of person|account|household, id, asked_for),
//          graves LIST<STRING> (keyed hashes of those that must not come back)
// returns: nothing
// needs:   the lock of links/lock_links in the same transaction
CREATE (erasure:Erasure {tenant: $tenant, id: $id, kind: $kind, at: $at, counts: $counts, waiting: []})
WITH erasure
CALL () {
  UNWIND $graves AS digest
  MERGE (grave:Tombstone {tenant: $tenant, id: digest})
  ON CREATE SET grave.at = $at
  SET grave.erasure = $id
}
CALL (erasure) {
  UNWIND $identity_ids AS identity_id
  MATCH (i:Identity {tenant: $tenant, id: identity_id})
  SET i.version = coalesce(i.version, 0) + 1
  CREATE (erasure)-[:ERASES {asked_for: true}]->(i)
}
CALL (erasure) {
  UNWIND $holders AS row
  MATCH (holder:Person|Account|Household {tenant: $tenant, id: row.id})
  WHERE toLower(labels(holder)[0]) = row.kind
  CREATE (erasure)-[:ERASES {asked_for: row.asked_for}]->(holder)
}
