// Remove the SIMILAR_TO edges of all runs but some.
// params:  tenant STRING, keep LIST<STRING> (runs)
// returns: nothing
// needs:   nothing
// again:   removes what is left
MATCH (:Product {tenant: $tenant})-[old:SIMILAR_TO]->()
WHERE NOT old.run IN $keep
CALL (old) {
  DELETE old
} IN TRANSACTIONS OF 50000 ROWS
