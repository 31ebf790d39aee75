// Whether identities may be contacted, all of one moment: what each consented to, where it is, what reaches it, what was sent.
// params:  tenant STRING, identity_ids LIST<STRING or NULL>, purposes LIST<STRING>, addresses MAP (address by channel, of those that
//          need one), since ZONED DATETIME (what was sent before counts no more), arrived_before ZONED DATETIME (whom a public
//          key brought later does not count towards k yet)
// returns: channels STRING or NULL (the tenant's, JSON), time_zone STRING or NULL, counts BOOLEAN, reachable LIST<STRING> (less what bounced
//          since it was said), consents LIST<MAP> (as describe/read_all_consents has them), sent LIST<LIST> of [channel,
//          at in ms], newest first: what was sent, and lines of plans that were exported and of which nothing else was
//          said; a row an id and in their order, as of nobody for an unknown identity
// needs:   nothing
OPTIONAL MATCH (shop:Tenant {tenant: $tenant, id: $tenant})
UNWIND range(0, size($identity_ids) - 1) AS place
OPTIONAL MATCH (i:Identity {tenant: $tenant, id: $identity_ids[place]})
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
  CALL (i) {
    MATCH (i)-[:DID]->(x:Interaction)
    WHERE x.type = 'sent' AND x.at > $since
    RETURN x.channel AS channel, x.at.epochMillis AS at_ms
    UNION ALL
    MATCH (i)-[planned:PLANNED_IN]->(plan:Plan {state: 'frozen'})
    WHERE
      planned.exported_at > $since
      AND planned.ended_at IS NULL
      AND NOT EXISTS {
        MATCH (i)-[:DID]->(x:Interaction {tenant: $tenant, decision_id: planned.line})
        WHERE x.type = 'sent'
      }
    RETURN
      plan.channel AS channel,
      CASE WHEN plan.send_at > planned.exported_at THEN plan.send_at ELSE planned.exported_at END.epochMillis AS at_ms
  }
  WITH channel, at_ms
  ORDER BY at_ms DESC
  LIMIT 1000
  RETURN collect([channel, at_ms]) AS sent
}
RETURN
  shop.channels AS channels,
  i.time_zone AS time_zone,
  coalesce(i.public_since <= $arrived_before, true) AS counts,
  [address IN coalesce(i.reachable, []) WHERE NOT address IN bounced] AS reachable,
  consents,
  sent
ORDER BY place
