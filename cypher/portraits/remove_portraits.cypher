// Remove what all runs but some say of its communities' brands and overlaps; their own numbers stay.
// params:  tenant STRING, keep LIST<STRING> (runs)
// returns: nothing
// needs:   nothing
// again:   removes what is left
MATCH (:TasteCommunity {tenant: $tenant})-[old:BUYS|OVERLAPS]->()
WHERE NOT old.run IN $keep
CALL (old) {
  DELETE old
} IN TRANSACTIONS OF 50000 ROWS
