// Remove what hangs on the communities of all runs but some; how they came from each other stays.
// params:  tenant STRING, keep LIST<STRING> (runs)
// returns: nothing
// needs:   nothing
// again:   removes what is left
MATCH (c:TasteCommunity {tenant: $tenant})-[old:AT_HOME_IN|MEMBER_OF|FAVOURS]-()
WHERE NOT c.run IN $keep
CALL (old) {
  DELETE old
} IN TRANSACTIONS OF 10000 ROWS
