// Mark that the catalogue changed, so that kept rankings are read anew.
// params:  tenant STRING
// returns: nothing
// needs:   nothing
MERGE (shop:Tenant {tenant: $tenant, id: $tenant})
SET shop.catalogue_version = coalesce(shop.catalogue_version, 0) + 1
