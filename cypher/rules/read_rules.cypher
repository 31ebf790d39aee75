// The identity rules of a tenant.
// params:  tenant STRING
// returns: rules STRING or NULL (JSON); one row at most
// needs:   nothing
MATCH (shop:Tenant {tenant: $tenant, id: $tenant})
RETURN shop.identity_rules AS rules
