// The consent logs of some identities, locked until this transaction ends, so that two who hear the same signal do not
// both write it down.
// params:  tenant STRING, identity_ids LIST<STRING> (sorted), purposes LIST<STRING>
// returns: identity_id STRING, records LIST<MAP> (id, purpose, status, at_ms, expires_at_ms, source, policy_version,
//          proof, confirmed_at_ms, counts_from_ms); by identity; none for one that the tenant has not
// needs:   nothing
UNWIND $identity_ids AS identity_id
MATCH (i:Identity {tenant: $tenant, id: identity_id})
SET i.version = i.version
WITH i
RETURN
  i.id AS identity_id,
  COLLECT {
    MATCH (i)-[:GAVE]->(c:Consent)
    WHERE c.purpose IN $purposes
    RETURN c {
      .id,
      .purpose,
      .status,
      .source,
      .policy_version,
      .proof,
      at_ms: c.at.epochMillis,
      expires_at_ms: c.expires_at.epochMillis,
      confirmed_at_ms: c.confirmed_at.epochMillis,
      counts_from_ms: c.counts_from.epochMillis
    }
  } AS records
ORDER BY identity_id
