// The ends of all audit logs, and what stands there now where an end was noted before: the operator's view.
// params:  noted LIST<MAP> (tenant, sequence)
// returns: tenant STRING, sequence INTEGER, seal STRING, noted_seal STRING or NULL (of the entry at the noted sequence);
//          one row per log, by tenant
// needs:   nothing
MATCH (shop:Tenant)
WHERE shop.audit_sequence > 0
OPTIONAL MATCH (entry:AuditEntry {
  tenant: shop.tenant,
  sequence: head([one IN $noted WHERE one.tenant = shop.tenant | one.sequence])
})
RETURN
  shop.tenant AS tenant,
  shop.audit_sequence AS sequence,
  shop.audit_seal AS seal,
  entry.seal AS noted_seal
ORDER BY tenant
