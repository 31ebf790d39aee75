// Remove what hangs on the communities of every run but the active one; how they came from each other stays.
// params:  tenant STRING, keep STRING or NULL (the active run)
// returns: nothing
// needs:   nothing
// again:   removes what is left
MATCH (c:TasteCommunity {tenant: $tenant})-[old:AT_HOME_IN|MEMBER_OF|FAVOURS]-()
WHERE c.run <> $keep OR $keep IS NULL
CALL (old) {
  DELETE old
} IN TRANSACTIONS OF 10000 ROWS
