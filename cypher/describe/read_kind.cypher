// The kind of an identity.
// params:  tenant STRING, identity_id STRING
// returns: kind STRING; one row, none when the tenant has no such identity
// needs:   nothing
MATCH (i:Identity {tenant: $tenant, id: $identity_id})
RETURN i.kind AS kind
