// Remove what a load brought into a shop; its keys, its audit log and its own node stay.
// params:  tenant STRING
// returns: nothing
// needs:   the hold of a load: whatever else the shop has came by it
// again:   removes what is left
MATCH (n {tenant: $tenant})
WHERE NOT (n:Tenant OR n:ApiKey OR n:AuditEntry OR n:Hold)
// With a node go all its relationships, which are what a transaction has to hold in memory: few nodes at a time.
CALL (n) {
  DETACH DELETE n
} IN TRANSACTIONS OF 100 ROWS
