// Take identities off the list that a receiver holds; that they were on it is forgotten when the last file with them must
// have been deleted.
// params:  tenant STRING, audience STRING, at ZONED DATETIME, ids LIST<STRING>
// returns: nothing
// needs:   before audiences/write_list
UNWIND $ids AS id
MATCH (:Identity {tenant: $tenant, id: id})-[listed:LISTED_IN]->(list:ExportedList {tenant: $tenant, id: $audience})
WHERE listed.until IS NULL
SET
  listed.until = $at,
  listed.forget_at = list.expires_at
