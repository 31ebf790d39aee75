// Remove the microgenres of every run but the active one and the one whose figures stand.
// params:  tenant STRING, keep STRING or NULL (the active run)
// returns: nothing
// needs:   nothing
// again:   removes what is left
MATCH (g:MicroGenre {tenant: $tenant})
WHERE
  (g.run <> $keep OR $keep IS NULL)
  AND NOT EXISTS { MATCH (:Run {tenant: $tenant, id: g.run, published: true}) }
CALL (g) {
  DETACH DELETE g
} IN TRANSACTIONS OF 500 ROWS
