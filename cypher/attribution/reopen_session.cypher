// Have a session looked at anew: what was said of it was taken back.
// params:  tenant STRING, session_id STRING, rejected_id STRING or NULL (an identity that it is not to be given to again)
// returns: nothing
// needs:   nothing
MATCH (s:Session {tenant: $tenant, id: $session_id})
SET s.open = true
WITH s
MATCH (i:Identity {tenant: $tenant, id: $rejected_id})
MERGE (s)-[:NOT_BY]->(i)
