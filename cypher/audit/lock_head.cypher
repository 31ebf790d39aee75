// The end of the audit log, locked until this transaction ends, so that entries follow one another.
// params:  tenant STRING
// returns: sequence INTEGER, seal STRING or NULL; one row; 0 and NULL before the first entry
// needs:   nothing
MERGE (shop:Tenant {tenant: $tenant, id: $tenant})
SET shop.audit_sequence = coalesce(shop.audit_sequence, 0)
RETURN shop.audit_sequence AS sequence, shop.audit_seal AS seal
