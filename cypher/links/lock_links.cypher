// Lock the links of a tenant until this transaction ends: a check of many links must not race with a change of one.
// params:  tenant STRING
// returns: any_ended BOOLEAN (whether a link was ever ended), any_erased BOOLEAN (whether anybody was erased); one row
// needs:   nothing
MERGE (shop:Tenant {tenant: $tenant, id: $tenant})
SET shop.tenant = $tenant
RETURN
  EXISTS { (:EndedLink {tenant: $tenant}) } AS any_ended,
  EXISTS { (:Tombstone {tenant: $tenant}) } AS any_erased
