// Remove what hangs on the Run nodes of every run but the active one: whom it learned from, what products say of
// others, which have a rhythm.
// params:  tenant STRING, keep STRING or NULL (the active run)
// returns: nothing
// needs:   nothing
// again:   removes what is left
MATCH (run:Run {tenant: $tenant})-[old:LEARNED_FROM|SPEAKS_IN|REPURCHASED]-()
WHERE run.id <> $keep OR $keep IS NULL
CALL (old) {
  DELETE old
} IN TRANSACTIONS OF 10000 ROWS
