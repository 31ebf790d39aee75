// Bring identifiers that are kept under an older key to the current one.
// params:  tenant STRING, rows LIST<MAP> (digest, key_version, others LIST<STRING>)
// returns: nothing
// needs:   nothing
UNWIND $rows AS row
WITH row
WHERE NOT EXISTS { (:Identifier {tenant: $tenant, id: row.digest}) }
CALL (row) {
  UNWIND row.others AS older
  MATCH (known:Identifier {tenant: $tenant, id: older})
  RETURN known
  LIMIT 1
}
SET
  known.id = row.digest,
  known.key_version = row.key_version
