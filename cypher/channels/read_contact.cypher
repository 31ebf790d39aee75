// Whether an identity may be contacted, all of one moment: what it consented to, where it is, what reaches it, what was sent.
// params:  tenant STRING, identity_id STRING or NULL, purposes LIST<STRING>, addresses MAP (address by channel, of those that
//          need one), since ZONED DATETIME (what was sent before counts no more)
// returns: channels STRING or NULL (the tenant's, JSON), time_zone STRING or NULL, reachable LIST<STRING> (less what bounced
//          since it was said), consents LIST<MAP> (as describe/read_all_consents has them), sent LIST<LIST> of [channel,
//          at in ms], newest first; one row, as of nobody for an unknown identity
// needs:   nothing
OPTIONAL MATCH (shop:Tenant {tenant: $tenant, id: $tenant})
OPTIONAL MATCH (i:Identity {tenant: $tenant, id: $identity_id})
CALL (i) {
  MATCH (i)-[:GAVE]->(c:Consent)
  WHERE c.purpose IN $purposes
  RETURN collect({
    id: c.id,
    purpose: c.purpose,
    status: c.status,
    at_ms: c.at.epochMillis,
    expires_at_ms: c.expires_at.epochMillis,
    source: c.source,
    policy_version: c.policy_version,
    proof: c.proof,
    confirmed_at_ms: c.confirmed_at.epochMillis,
    counts_from_ms: c.counts_from.epochMillis
  }) AS consents
}
CALL (i) {
  MATCH (i)-[:DID]->(x:Interaction)
  WHERE x.type = 'bounced' AND x.at > i.reachable_at
  RETURN collect(DISTINCT $addresses[x.channel]) AS bounced
}
CALL (i) {
  MATCH (i)-[:DID]->(x:Interaction)
  WHERE x.type = 'sent' AND x.at > $since
  WITH x.channel AS channel, x.at.epochMillis AS at_ms
  ORDER BY at_ms DESC
  LIMIT 1000
  RETURN collect([channel, at_ms]) AS sent
}
RETURN
  shop.channels AS channels,
  i.time_zone AS time_zone,
  [address IN coalesce(i.reachable, []) WHERE NOT address IN bounced] AS reachable,
  consents,
  sent
