// Note on identifiers that are there already whether their value is blocked under the rules that hold from now on.
// params:  tenant STRING, rows LIST<MAP> (digest STRING, blocked BOOLEAN)
// returns: nothing
// needs:   the lock that rules/write_rules takes on the tenant, in the same transaction
UNWIND $rows AS row
MATCH (known:Identifier {tenant: $tenant, id: row.digest})
SET known.blocked = row.blocked
