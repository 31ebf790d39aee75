// Remove the PEERS_LIKE edges of every run but the active one.
// params:  tenant STRING, keep STRING or NULL (the active run)
// returns: nothing
// needs:   nothing
// again:   removes what is left
MATCH (:Identity {tenant: $tenant})-[old:PEERS_LIKE]->()
WHERE old.run <> $keep OR $keep IS NULL
CALL (old) {
  DELETE old
} IN TRANSACTIONS OF 10000 ROWS
