// Say whose a session is, in place of what was said before; nobody where identity_id is NULL.
// params:  tenant STRING, session_id STRING, identity_id STRING or NULL, p FLOAT, method STRING of posterior|asserted,
//          model STRING or NULL (the run whose habits were gone by)
// returns: nothing
// needs:   the lock of attribution/lock_session in the same transaction
MATCH (s:Session {tenant: $tenant, id: $session_id})
CALL (s) {
  MATCH (s)-[old:ATTRIBUTED_TO]->()
  DELETE old
}
OPTIONAL MATCH (i:Identity {tenant: $tenant, id: $identity_id})
FOREACH (_ IN CASE WHEN i IS NULL THEN [] ELSE [1] END |
  CREATE (s)-[:ATTRIBUTED_TO {p: $p, method: $method, model: $model}]->(i)
)
