// Lock what is known of a shop's stock, so that what one location says is not overlooked while another speaks.
// params:  tenant STRING
// returns: nothing
// needs:   nothing
MERGE (shop:Tenant {tenant: $tenant, id: $tenant})
SET shop.stock_version = coalesce(shop.stock_version, 0) + 1
