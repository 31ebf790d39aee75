// Append entries to the audit log and move its end.
// params:  tenant STRING, rows LIST<MAP> (id, sequence, at_ms, actor, action, subjects LIST<STRING> (keyed hashes),
//          detail (JSON), previous, seal, key_version), in their sequence
// returns: nothing
// needs:   the lock of audit/lock_head in the same transaction
UNWIND $rows AS row
CREATE (:AuditEntry {
  tenant: $tenant,
  id: row.id,
  sequence: row.sequence,
  at: datetime({epochMillis: row.at_ms}),
  actor: row.actor,
  action: row.action,
  subjects: row.subjects,
  detail: row.detail,
  previous: row.previous,
  seal: row.seal,
  key_version: row.key_version
})
WITH row
ORDER BY row.sequence DESC
LIMIT 1
MATCH (shop:Tenant {tenant: $tenant, id: $tenant})
SET
  shop.audit_sequence = row.sequence,
  shop.audit_seal = row.seal
