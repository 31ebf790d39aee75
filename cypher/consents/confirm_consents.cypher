// Note when consent records were said again.
// params:  tenant STRING, rows LIST<MAP> (id, confirmed_at)
// returns: nothing
// needs:   the lock of consents/lock_logs in the same transaction
UNWIND $rows AS row
MATCH (c:Consent {tenant: $tenant, id: row.id})
SET c.confirmed_at = row.confirmed_at
