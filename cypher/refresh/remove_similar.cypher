// Remove the SIMILAR_TO edges of every run but the active one.
// params:  tenant STRING, keep STRING or NULL (the active run)
// returns: nothing
// needs:   nothing
// again:   removes what is left
MATCH (:Product {tenant: $tenant})-[old:SIMILAR_TO]->()
WHERE old.run <> $keep OR $keep IS NULL
CALL (old) {
  DELETE old
} IN TRANSACTIONS OF 50000 ROWS
