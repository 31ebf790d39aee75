// What a tenant means by engagement and by gone.
// params:  tenant STRING
// returns: rules STRING or NULL (JSON); one row at most
// needs:   nothing
MATCH (shop:Tenant {tenant: $tenant, id: $tenant})
RETURN shop.retention_rules AS rules
