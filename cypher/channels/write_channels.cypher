// Replace what a tenant says of its channels.
// params:  tenant STRING, channels STRING (JSON)
// returns: nothing
// needs:   nothing
MERGE (shop:Tenant {tenant: $tenant, id: $tenant})
SET shop.channels = $channels
