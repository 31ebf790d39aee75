// Note that the demo's data is whole.
// params:  tenant STRING, households INTEGER
// returns: nothing
// needs:   the Tenant, written by seed/begin_seed
MATCH (shop:Tenant {tenant: $tenant, id: $tenant})
SET shop.seed_households = $households
