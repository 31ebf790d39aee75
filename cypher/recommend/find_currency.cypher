// The currency in which a shop prices most of what it offers.
// params:  tenant STRING, offered LIST<STRING>
// returns: currency STRING, the first by name of equals; one row, none where no price has a currency
// needs:   nothing
MATCH (p:Product {tenant: $tenant})
WHERE p.currency IS NOT NULL AND p.price IS NOT NULL AND p.availability IN $offered
RETURN p.currency AS currency, count(*) AS products
ORDER BY products DESC, currency
LIMIT 1
