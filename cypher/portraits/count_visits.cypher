// How often each of those that figures count came by: sessions, and of what was done in none, days.
// params:  tenant STRING, run STRING, first_day INTEGER, after_day INTEGER (days since 1970; the latter does not count),
//          of_contacts LIST<STRING> (types of events that the shop does, or that answer it without a visit)
// returns: identity_id STRING, engagement INTEGER; by identity_id
// needs:   LEARNED_FROM, written by refresh/choose_learners
MATCH (:Run {tenant: $tenant, id: $run})-[learned:LEARNED_FROM]->(i:Identity)
WHERE learned.counts
CALL (i) {
  MATCH (i)-[:DID|CLAIMED]->(x:Interaction)
  WHERE NOT x.type IN $of_contacts
  WITH x.session_id AS session, x.at.epochMillis / 86400000 AS day
  WHERE day >= $first_day AND day < $after_day
  RETURN count(DISTINCT coalesce('s' + session, 'd' + day)) AS engagement
}
RETURN i.id AS identity_id, engagement
ORDER BY identity_id
