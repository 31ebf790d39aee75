// Remove the communities of all runs but the last ten that were finished and the last twenty that published figures.
// params:  tenant STRING, keep LIST<STRING> (runs)
// returns: nothing
// needs:   communities/remove_edges has run
// again:   removes what is left
WITH
  COLLECT {
    MATCH (run:Run {tenant: $tenant})
    WHERE run.finished_at IS NOT NULL AND size($keep) > 0
    RETURN run.id
    ORDER BY run.finished_at DESC
    LIMIT 10
  } +
  COLLECT {
    MATCH (run:Run {tenant: $tenant})
    WHERE run.published_at IS NOT NULL AND run.finished_at IS NOT NULL
    RETURN run.id
    ORDER BY run.published_at DESC
    LIMIT 20
  } AS kept
MATCH (old:TasteCommunity {tenant: $tenant})
WHERE NOT old.run IN kept + $keep
CALL (old) {
  DETACH DELETE old
} IN TRANSACTIONS OF 5000 ROWS
