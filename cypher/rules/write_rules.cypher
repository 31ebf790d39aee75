// Replace the identity rules of a tenant.
// params:  tenant STRING, rules STRING (JSON)
// returns: nothing
// needs:   nothing
MERGE (shop:Tenant {tenant: $tenant, id: $tenant})
SET shop.identity_rules = $rules
