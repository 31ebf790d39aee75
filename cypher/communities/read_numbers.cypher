// The highest numbers that communities and microgenres ever had: no id is used twice.
// params:  tenant STRING
// returns: community INTEGER, genre INTEGER; one row, 0 where there was none yet
// needs:   nothing
OPTIONAL MATCH (shop:Tenant {tenant: $tenant, id: $tenant})
RETURN coalesce(shop.last_community, 0) AS community, coalesce(shop.last_genre, 0) AS genre
