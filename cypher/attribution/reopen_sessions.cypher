// Have the sessions looked at anew that some identities were given, or have done: what they consent to has changed.
// params:  tenant STRING, identity_ids LIST<STRING>
// returns: nothing
// needs:   nothing
UNWIND $identity_ids AS identity_id
MATCH (i:Identity {tenant: $tenant, id: identity_id})
CALL (i) {
  MATCH (i)<-[:ATTRIBUTED_TO]-(s:Session)
  RETURN s
  UNION
  WITH i
  WHERE i.kind = 'anonymous'
  MATCH (i)-[:DID]->(x:Interaction {on_login: true})
  WITH DISTINCT x.session_id AS session_id
  MATCH (s:Session {tenant: $tenant, id: session_id})
  RETURN s
}
SET s.open = true
