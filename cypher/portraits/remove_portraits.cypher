// Remove what every run but the active one says of its communities' brands and overlaps; their own numbers stay.
// params:  tenant STRING, keep STRING or NULL (the active run)
// returns: nothing
// needs:   nothing
// again:   removes what is left
MATCH (:TasteCommunity {tenant: $tenant})-[old:BUYS|OVERLAPS]->()
WHERE old.run <> $keep OR $keep IS NULL
CALL (old) {
  DELETE old
} IN TRANSACTIONS OF 50000 ROWS
