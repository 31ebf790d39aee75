// Forget what an earlier run said of products that nobody likes any more.
// params:  tenant STRING
// returns: nothing
// needs:   nothing
// again:   clears what is left
MATCH (p:Product {tenant: $tenant})
WHERE p.popularity IS NOT NULL
CALL (p) {
  REMOVE p.popularity, p.full_price_popularity, p.evidence_norm, p.likers
} IN TRANSACTIONS OF 20000 ROWS
