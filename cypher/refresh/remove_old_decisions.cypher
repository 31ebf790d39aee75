// Remove logged decisions that are older than their retention.
// params:  tenant STRING, before ZONED DATETIME
// returns: nothing
// needs:   nothing
// again:   removes what is left
MATCH (old:Decision {tenant: $tenant})
WHERE old.at < $before
CALL (old) {
  DETACH DELETE old
} IN TRANSACTIONS OF 10000 ROWS
