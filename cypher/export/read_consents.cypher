// A page of an identity's consent records.
// params:  tenant STRING, identity_id STRING, after STRING (the last id of the page before; '' at first), limit INTEGER
// returns: id STRING, purpose STRING, status STRING, at_ms INTEGER, expires_at_ms INTEGER or NULL, source STRING,
//          policy_version STRING or NULL, proof STRING or NULL, confirmed_at_ms INTEGER or NULL,
//          counts_from_ms INTEGER; by id
// needs:   nothing
MATCH (:Identity {tenant: $tenant, id: $identity_id})-[:GAVE]->(c:Consent)
WHERE c.id > $after
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
ORDER BY id
LIMIT $limit
