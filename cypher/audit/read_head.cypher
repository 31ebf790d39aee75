// The end of the audit log as the tenant keeps it, apart from the entries.
// params:  tenant STRING
// returns: sequence INTEGER, seal STRING or NULL; one row, none before the first entry
// needs:   nothing
MATCH (shop:Tenant {tenant: $tenant, id: $tenant})
WHERE shop.audit_sequence > 0
RETURN shop.audit_sequence AS sequence, shop.audit_seal AS seal
