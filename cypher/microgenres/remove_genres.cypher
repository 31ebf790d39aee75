// Remove the microgenres of all runs but some and the one whose figures stand.
// params:  tenant STRING, keep LIST<STRING> (runs)
// returns: nothing
// needs:   nothing
// again:   removes what is left
MATCH (g:MicroGenre {tenant: $tenant})
WHERE
  NOT g.run IN $keep
  AND NOT EXISTS { MATCH (:Run {tenant: $tenant, id: g.run, published: true}) }
CALL (g) {
  DETACH DELETE g
} IN TRANSACTIONS OF 500 ROWS
