// What a tenant says of its channels.
// params:  tenant STRING
// returns: channels STRING or NULL (JSON); one row at most
// needs:   nothing
MATCH (shop:Tenant {tenant: $tenant, id: $tenant})
RETURN shop.channels AS channels
