// Remove the microgenres of all runs but some.
// params:  tenant STRING, keep LIST<STRING> (runs)
// returns: nothing
// needs:   nothing
// again:   removes what is left
MATCH (g:MicroGenre {tenant: $tenant})
WHERE NOT g.run IN $keep
CALL (g) {
  DETACH DELETE g
} IN TRANSACTIONS OF 500 ROWS
