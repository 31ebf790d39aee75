// Orders of which more than one thing is said.
// params:  tenant STRING
// returns: order_id STRING; in order
// needs:   nothing
MATCH (x:Interaction {tenant: $tenant})
WHERE x.order_id IS NOT NULL
WITH x.order_id AS order_id, count(*) AS said
WHERE said > 1
RETURN order_id
ORDER BY order_id
