// As of when a product of a shop's own system is known.
// params:  tenant STRING, id STRING
// returns: at_ms INTEGER; no row where it is not known
// needs:   the lock of stock/lock_shop in the same transaction
MATCH (own:ShopProduct {tenant: $tenant, id: $id})
RETURN own.at_ms AS at_ms
