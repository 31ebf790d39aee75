// One consent record of an identity.
// params:  tenant STRING, identity_id STRING, consent_id STRING
// returns: id STRING, purpose STRING, status STRING, at_ms INTEGER, expires_at_ms INTEGER or NULL, source STRING,
//          policy_version STRING or NULL, proof STRING or NULL, confirmed_at_ms INTEGER or NULL,
//          counts_from_ms INTEGER;
//          one row, none when the identity gave no such record
// needs:   nothing
MATCH (c:Consent {tenant: $tenant, id: $consent_id})<-[:GAVE]-(:Identity {tenant: $tenant, id: $identity_id})
RETURN
  c.id AS id,
  c.purpose AS purpose,
  c.status AS status,
  c.at.epochMillis AS at_ms,
  c.expires_at.epochMillis AS expires_at_ms,
  c.source AS source,
  c.policy_version AS policy_version,
  c.proof AS proof,
  c.confirmed_at.epochMillis AS confirmed_at_ms,
  c.counts_from.epochMillis AS counts_from_ms
