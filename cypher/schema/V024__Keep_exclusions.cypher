// What an identity excludes is kept by id; whoever revises what came before is marked so, a refund being one way to.
CREATE CONSTRAINT exclusion_key IF NOT EXISTS FOR (n:Exclusion) REQUIRE (n.tenant, n.id) IS UNIQUE;
MATCH (i:Identity)
WHERE i.has_refunds IS NOT NULL
CALL (i) {
  SET i.revises = i.has_refunds
  REMOVE i.has_refunds
} IN TRANSACTIONS OF 10000 ROWS;
