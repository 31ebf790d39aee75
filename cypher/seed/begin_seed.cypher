// Keep the moment that the demo's data is moved to; the first one stays, so that a later load adds to the same days.
// params:  tenant STRING, anchor DATETIME
// returns: anchor_ms INTEGER; one row
// needs:   nothing
MERGE (shop:Tenant {tenant: $tenant, id: $tenant})
SET shop.seed_anchor = coalesce(shop.seed_anchor, $anchor)
RETURN shop.seed_anchor.epochMillis AS anchor_ms
