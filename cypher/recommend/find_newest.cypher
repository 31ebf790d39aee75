// What is on offer, the newest first.
// params:  tenant STRING, offered LIST<STRING> (availabilities), limit INTEGER
// returns: ids LIST<STRING>; one row
// needs:   Product.added_at, set by ingest/upsert_products
MATCH (p:Product {tenant: $tenant})
WHERE p.added_at IS NOT NULL AND p.availability IN $offered AND coalesce(p.expiration_date > datetime(), true)
WITH p
ORDER BY p.added_at DESC, p.id
LIMIT $limit
RETURN collect(p.id) AS ids
