// Replace what a tenant means by engagement and by gone.
// params:  tenant STRING, rules STRING (JSON)
// returns: nothing
// needs:   nothing
MERGE (shop:Tenant {tenant: $tenant, id: $tenant})
SET shop.retention_rules = $rules
