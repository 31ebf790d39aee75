// Products in the order in which they came; of those of before that is not known, and they came together.
CREATE INDEX product_added IF NOT EXISTS FOR (n:Product) ON (n.tenant, n.added_at);
MATCH (p:Product)
WHERE p.added_at IS NULL AND p.availability IS NOT NULL
CALL (p) {
  SET p.added_at = datetime()
} IN TRANSACTIONS OF 10000 ROWS;
