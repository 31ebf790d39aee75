// Remove the FOLLOWED_LIKE edges of all runs but some.
// params:  tenant STRING, keep LIST<STRING> (runs)
// returns: nothing
// needs:   nothing
// again:   removes what is left
MATCH (:Identity {tenant: $tenant})-[old:FOLLOWED_LIKE]->()
WHERE NOT old.run IN $keep
CALL (old) {
  DELETE old
} IN TRANSACTIONS OF 10000 ROWS
