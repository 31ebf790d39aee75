// Remove everything of a tenant, whatever its label: of a throw-away one, or of a shop that asked to be forgotten.
// params:  tenant STRING
// returns: removed INTEGER (nodes); one row
// needs:   nothing; reads every node
// again:   removes, and counts, what is left
MATCH (n {tenant: $tenant})
// With a node go all its relationships, which are what a transaction has to hold in memory: few nodes at a time.
CALL (n) {
  DETACH DELETE n
} IN TRANSACTIONS OF 100 ROWS
RETURN count(*) AS removed
