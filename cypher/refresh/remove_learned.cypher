// Remove what hangs on the Run nodes of all runs but some: whom it learned from, what it knows of members of logins, what products say of
// others, which have a rhythm.
// params:  tenant STRING, keep LIST<STRING> (runs)
// returns: nothing
// needs:   nothing
// again:   removes what is left
MATCH (run:Run {tenant: $tenant})-[old:LEARNED_FROM|KNOWS_HABITS|SPEAKS_IN|LEADS_ON_IN|REPURCHASED]-()
WHERE NOT run.id IN $keep
CALL (old) {
  DELETE old
} IN TRANSACTIONS OF 10000 ROWS
