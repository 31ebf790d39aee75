// Keep the highest numbers that communities and microgenres ever had; they never fall.
// params:  tenant STRING, community INTEGER, genre INTEGER
// returns: nothing
// needs:   nothing
// again:   sets the same
MERGE (shop:Tenant {tenant: $tenant, id: $tenant})
SET
  shop.last_community = CASE WHEN $community > coalesce(shop.last_community, 0) THEN $community ELSE shop.last_community END,
  shop.last_genre = CASE WHEN $genre > coalesce(shop.last_genre, 0) THEN $genre ELSE shop.last_genre END
