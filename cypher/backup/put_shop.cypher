// Let a shop's own node say what a dump says of it; the end of its audit log stays.
// params:  tenant STRING, shop MAP (without tenant, id and the audit log's end)
// returns: nothing
// needs:   nothing
MERGE (shop:Tenant {tenant: $tenant, id: $tenant})
WITH shop, shop.audit_sequence AS sequence, shop.audit_seal AS seal
SET shop = {tenant: $tenant, id: $tenant, audit_sequence: sequence, audit_seal: seal}
SET shop += $shop
