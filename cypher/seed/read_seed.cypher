// How far the demo's data got into a tenant.
// params:  tenant STRING
// returns: anchor_ms INTEGER or NULL (the moment that the data was moved to), households INTEGER or NULL (how many are
//          loaded, story included; NULL until a load has ended); no row where nothing was begun
// needs:   nothing; seed/begin_seed and seed/end_seed write it
MATCH (shop:Tenant {tenant: $tenant, id: $tenant})
WHERE shop.seed_anchor IS NOT NULL
RETURN
  shop.seed_anchor.epochMillis AS anchor_ms,
  shop.seed_households AS households
LIMIT 1
