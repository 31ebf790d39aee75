// What may have been hashed in which tenant: the types of identifiers.
// params:  tenant STRING or NULL (NULL: every tenant)
// returns: tenant STRING, types LIST<STRING>; one row per tenant
// needs:   nothing
CALL () {
  MATCH (shop:Tenant|ApiKey|Identity|Tombstone)
  RETURN DISTINCT shop.tenant AS name
}
WITH name
WHERE $tenant IS NULL OR name = $tenant
OPTIONAL MATCH (known:Identifier {tenant: name})
WHERE known.id >= ''
RETURN name AS tenant, collect(DISTINCT known.type) AS types
ORDER BY tenant
