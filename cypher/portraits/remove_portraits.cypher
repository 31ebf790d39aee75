// Remove what every run but the one whose figures stand says of its communities' brands, overlaps and matches; the
// portraits themselves stay.
// params:  tenant STRING
// returns: nothing
// needs:   nothing
// again:   removes what is left
MATCH (c:TasteCommunity {tenant: $tenant})-[old:BUYS|OVERLAPS|MATCHES]->()
WHERE NOT EXISTS { MATCH (:Run {tenant: $tenant, id: c.run, published: true}) }
CALL (old) {
  DELETE old
} IN TRANSACTIONS OF 50000 ROWS
