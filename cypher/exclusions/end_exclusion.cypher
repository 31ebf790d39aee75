// End an exclusion of an identity: it is gone, and with it all that it left out.
// params:  tenant STRING, identity_id STRING, id STRING
// returns: kind STRING; one row, none when the identity has no such exclusion
// needs:   the lock of exclusions/lock_identity in the same transaction
MATCH (:Identity {tenant: $tenant, id: $identity_id})-[:EXCLUDES]->(e:Exclusion {id: $id})
WITH e, e.kind AS kind
DETACH DELETE e
RETURN kind
