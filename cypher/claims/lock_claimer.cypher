// Lock an identity until this transaction ends, and mark that what it likes changes.
// params:  tenant STRING, identity_id STRING
// returns: kind STRING; one row, none when the tenant has no such identity
// needs:   nothing
MATCH (i:Identity {tenant: $tenant, id: $identity_id})
SET i.version = i.version + 1
RETURN i.kind AS kind
