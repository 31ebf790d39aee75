// Remove everything but the hold on a store that is being restored: what a restore that was broken off left there, and
// what a start wrote into an empty one.
// params:  none
// returns: nothing
// needs:   nothing
// again:   removes what is left
MATCH (n)
WHERE NOT n:Hold
// With a node go all its relationships, which are what a transaction has to hold in memory: few nodes at a time.
CALL (n) {
  DETACH DELETE n
} IN TRANSACTIONS OF 100 ROWS
